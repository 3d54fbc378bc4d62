import { spellingKey } from './identity-fields.ts'

/** What a configuration is written from. */
export interface FrontPlan {
  /** `host:port` of the gateway. */
  readonly gateway: string
  /** `host:port` of the API. */
  readonly api: string
  /** Where the proxy listens: `8080`. */
  readonly port: number
  /** Names of the identity fields. */
  readonly fields: readonly string[]
  /** Whether the API gets the token too. */
  readonly passToken: boolean
}

/** A file to save under this name. */
export interface FrontFile {
  readonly name: string
  readonly text: string
}

/** A field name as a regular expression that no spelling escapes. */
export const anySpelling = (name: string): string => spellingKey(name).replaceAll('-', '[^a-z0-9]')
