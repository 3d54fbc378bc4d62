import { send } from '../server/request.ts'

export interface DiffLine {
  readonly mark: '+' | '~' | '=' | '-'
  readonly kind: string
  readonly name: string
  readonly text: string
}

export interface DomainFileVerdict {
  readonly verdict: 'unchanged' | 'would-change' | 'changed' | 'refused'
  readonly lines: readonly DiffLine[]
  readonly secrets: readonly {
    readonly application: string
    readonly clientId: string
    readonly clientSecret: string
  }[]
  readonly message: string | null
}

export const readDomainFile = async (): Promise<string> =>
  (await send<{ text: string }>('GET', '/api/v1/domain-file')).body.text

export const applyDomainFile = async (text: string, dryRun: boolean): Promise<DomainFileVerdict> =>
  (await send<DomainFileVerdict>('POST', '/api/v1/domain-file/apply', { text, dryRun })).body

/** Lines of a refusal's message: `domain.yaml:2:5  …`. */
export const wrongLines = (message: string): ReadonlySet<number> =>
  new Set([...message.matchAll(/^domain\.yaml:(\d+):\d+ /gm)].map((match) => Number(match[1])))
