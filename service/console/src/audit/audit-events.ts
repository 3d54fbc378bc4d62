import { send } from '../server/request.ts'

export interface AuditEvent {
  readonly at: string
  readonly ecid: string
  readonly action: string
  readonly result: 'ok' | 'refused'
  readonly reason?: string
  readonly actor?: string
  readonly source?: string
  readonly object?: string
  readonly detail?: Readonly<Record<string, unknown>>
  readonly chain?: { readonly sequence: number; readonly line: number }
}

export interface AuditAnswer {
  readonly events: readonly AuditEvent[]
  readonly cursor: string | null
}

/** Newest first. */
export const recentEvents = async (
  filters: Readonly<Record<string, string>>,
): Promise<AuditAnswer> => {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''))
  return (await send<AuditAnswer>('GET', `/api/v1/audit?${query}`)).body
}
