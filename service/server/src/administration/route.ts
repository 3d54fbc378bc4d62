import type { ResourceSchema } from './attribute.ts'
import type { Handler } from './exchange.ts'

/** What an endpoint can do: `list` and `create` on itself, the others on one of its resources. */
export interface Route {
  readonly schema: ResourceSchema
  readonly list?: Handler
  /** POST /{endpoint}/.search */
  readonly search?: Handler
  readonly create?: Handler
  readonly read?: Handler
  readonly replace?: Handler
  readonly patch?: Handler
  readonly remove?: Handler
  /** Parameters of PUT and PATCH, and of a removal, by name, with what they do. */
  readonly replaceQuery?: Readonly<Record<string, string>>
  readonly removeQuery?: Readonly<Record<string, string>>
}
