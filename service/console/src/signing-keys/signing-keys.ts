import { send } from '../server/request.ts'

export type KeyState = 'announced' | 'published' | 'active' | 'retired'
export type Algorithm = 'ES256' | 'RS256'

export interface SigningKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly state: KeyState
  readonly created: string
  /** When it came into its state. */
  readonly since: string
  readonly next: {
    readonly step: 'publish' | 'activate' | 'replace' | 'retire' | 'remove'
    readonly at: string
  }
}

export interface SigningKeys {
  readonly keys: readonly SigningKey[]
  readonly policy: {
    readonly rotateAfterSeconds: number
    readonly publishLeadSeconds: number
    readonly keepRetiredSeconds: number
    /** How long others may keep the key set. */
    readonly keySetMaxAgeSeconds: number
  }
}

export interface ChangedKeys extends SigningKeys {
  readonly made: readonly string[]
  readonly withdrawn: readonly string[]
}

export const readKeys = async (): Promise<SigningKeys> =>
  (await send<SigningKeys>('GET', '/api/v1/keys')).body

export const readKeySet = async (): Promise<unknown> =>
  (await send<unknown>('GET', '/.well-known/jwks.json')).body

export interface KeyCheck {
  readonly ok: boolean
  readonly masterKey: 'file' | 'command'
  readonly sealed: number
  readonly unopened: readonly { readonly record: string; readonly id: string }[]
}

/** Whether the master key opens all that is sealed. */
export const checkKeys = async (): Promise<KeyCheck> =>
  (await send<KeyCheck>('GET', '/api/v1/keys/check')).body

const change = async (body: unknown): Promise<ChangedKeys> =>
  (await send<ChangedKeys>('POST', '/api/v1/keys/rotate', body)).body

/** @param algorithm null: every one */
export const rotate = (algorithm: Algorithm | null): Promise<ChangedKeys> =>
  change(algorithm === null ? {} : { algorithm })

export const withdraw = (kid: string): Promise<ChangedKeys> => change({ kid, emergency: true })

/** What signs first, then what will, then what did; newest first. */
export const inOrder = (keys: readonly SigningKey[]): readonly SigningKey[] => {
  const states: readonly KeyState[] = ['active', 'published', 'announced', 'retired']
  return keys.toSorted(
    (a, b) =>
      states.indexOf(a.state) - states.indexOf(b.state) || b.created.localeCompare(a.created),
  )
}
