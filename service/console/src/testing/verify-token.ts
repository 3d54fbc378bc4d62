import type { ToldStep } from '../parts/step-list.tsx'
import { send } from '../server/request.ts'

export interface TokenVerdict {
  readonly verdict: 'valid' | 'refused'
  readonly reason: string | null
  readonly steps: readonly ToldStep[]
  readonly jti: string | null
  readonly expiresAt: string | null
  readonly client: { readonly id: string; readonly displayName: string } | null
}

/** Has the server say what a token is worth now; of one API and scope where they are named. */
export const verifyToken = async (question: {
  readonly token: string
  readonly api: string
  readonly scope: string
}): Promise<TokenVerdict> => {
  const said = Object.entries(question).filter(([, value]) => value !== '')
  const { body } = await send<TokenVerdict>(
    'POST',
    '/api/v1/tokens/verify',
    Object.fromEntries(said),
  )
  return body
}
