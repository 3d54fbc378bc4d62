import { send } from '../server/request.ts'

/** Somebody who is signed in at the console. */
export interface OpenSession {
  readonly id: string
  readonly administrator: { readonly type: 'User' | 'App'; readonly name: string | null }
  readonly method: string
  readonly source: string | null
  readonly signedInAt: string
  readonly usedAt: string
}

/** Those that were used last come first. */
export const readSessions = async (): Promise<readonly OpenSession[]> => {
  const { body } = await send<{ sessions: readonly OpenSession[] }>('GET', '/api/v1/sessions')
  return body.sessions.toSorted((a, b) => b.usedAt.localeCompare(a.usedAt))
}

export const endSession = (id: string) =>
  send('DELETE', `/api/v1/sessions/${encodeURIComponent(id)}`)
