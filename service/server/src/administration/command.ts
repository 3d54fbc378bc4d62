import type { PublicJwk } from '@mintmark/registry/application'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { BulkSlice } from './bulk-standing.ts'

/** One call of the administration API, as plain data: it may come from another process. */
export interface AdministrationCommand {
  readonly method: string
  /** After `/admin/v1`, still percent-encoded, e.g. `/Apps/0123…`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case; only those that an operation reads. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON; null: none. */
  readonly body: unknown
  readonly principal: {
    /** Absent: an application. */
    readonly type?: 'App' | 'User'
    readonly applicationId: string
    readonly clientId: string
    readonly displayName: string
    readonly roleNames: readonly string[]
    readonly provedAtMs?: number
  }
  readonly source?: string
  readonly ecid: string
  readonly nowMs: number
  /** argon2id digests of the chosen secrets in the body; only `prepareCommand` sets it. */
  readonly chosenDigests?: ReadonlyMap<string, string>
}

export interface AdministrationAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** To be written as JSON; null: no body. */
  readonly body: unknown
}

/** A certificate as read from its bytes. */
export interface ReadCertificate {
  /** Base64 DER. */
  readonly der: string
  readonly x5t: string
  readonly x5tS256: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Whether its basic constraints make it the certificate of an authority. */
  readonly isAuthority: boolean
  /** Why its key must not be trusted, e.g. its size; null: nothing against it. */
  readonly weakness: string | null
}

/** The parameters of a query; one that is there several times is joined by commas. */
export const readQueryText = (text: string): Readonly<Record<string, string>> => {
  const all = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    const before = all.get(name)
    all.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(all)
}

/** What administration needs of the server around it. */
export interface AdministrationContext {
  /** The one transaction that the whole command runs in. */
  readonly transaction: RegistryTransaction
  /** The part of a Bulk that this transaction is for; absent or null: all of it. */
  readonly slice?: BulkSlice | null
  address(): { readonly url: string; readonly secureUrl: string | null }
  /** Set by the configuration; null: the settings of the domain decide. */
  readonly pinnedIssuer: string | null
  newId(): string
  mintSecret(): { readonly secret: string; readonly digest: string; readonly ending: string }
  /** argon2id, slow on purpose: called by `prepareCommand`, outside of any transaction. */
  digestChosen(secret: string): Promise<string>
  /** Seals a secret for `client_secret_jwt`, bound to the application that it is of. */
  seal(secret: string, applicationId: string): string
  /** Seals an answer that may be asked for again, bound to the request that it answers. */
  sealAnswer(text: string, key: string): string
  /** @throws Error when it was sealed for another key */
  openAnswer(sealed: string, key: string): string
  /** @param text base64 DER or PEM; null: no certificate */
  readCertificate(text: string): ReadCertificate | null
  /** What cryptography has against a registered key; null: nothing. */
  keyFault(key: PublicJwk): string | null
}

/** The answer of a command whose transaction must not commit. */
export class RollBack extends Error {
  readonly answer: AdministrationAnswer
  /** Denials that happened before: worth recording although nothing else is. */
  readonly events: readonly AuditEvent[]
  constructor(answer: AdministrationAnswer, events: readonly AuditEvent[]) {
    super('rolled back')
    this.answer = answer
    this.events = events
  }
}
