import type { ToldStep } from '../parts/step-list.tsx'
import { type Method, send } from '../server/request.ts'

export interface PreviewFixStep {
  readonly kind: string
  readonly sentence: string
  readonly scim: { readonly method: Method; readonly path: string; readonly body: unknown } | null
}

export interface PreviewFix {
  readonly kind: string
  readonly sentence: string
  readonly steps: readonly PreviewFixStep[]
}

export interface Preview {
  readonly client: { readonly id: string; readonly clientId: string; readonly displayName: string }
  readonly verdict: 'issued' | 'refused'
  readonly reason: string | null
  readonly steps: readonly ToldStep[]
  readonly fixes: readonly PreviewFix[]
  readonly tokens: readonly {
    readonly api: string | null
    readonly header: Readonly<Record<string, unknown>>
    readonly claims: Readonly<Record<string, unknown>>
  }[]
}

/** Would this client get a token? Nothing is issued. */
export const preview = async (wish: {
  readonly client: string
  readonly scope: string
}): Promise<Preview> => {
  const scope = wish.scope.trim()
  const body = { client: wish.client.trim(), ...(scope === '' ? {} : { scope }) }
  return (await send<Preview>('POST', '/api/v1/preview', body)).body
}

/** Whether the console can make this fix: every step is a request of its own. */
export const isApplicable = (fix: PreviewFix): boolean =>
  fix.steps.length > 0 && fix.steps.every(({ scim }) => scim !== null)

/** Makes a fix as the preview spells it. */
export const applyFix = async (fix: PreviewFix): Promise<void> => {
  for (const { scim } of fix.steps) {
    if (scim !== null) await send(scim.method, scim.path, scim.body)
  }
}
