import type { Change } from '@mintmark/decisions/administration/change'
import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import type { Result } from '@mintmark/protocol/result'
import type { Query } from '@mintmark/registry/query'
import type { Listed, SearchedNouns } from '@mintmark/registry/registry'
import type { SearchDefinition, SearchField } from '@mintmark/registry/search-definition'
import type { ResourceSchema } from './attribute.ts'
import type { Exchange } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'

type Refused<T> = Result<T, AdministrationRefusal>

/** What a wish came to: the record as it will be, and the change that makes it so. */
export interface Made<Item> {
  readonly item: Item
  readonly change: Change
  /** Members that only this answer has, whatever is asked for. */
  readonly shownOnce?: Json
}

/** Where the resources of a list come from. */
export interface ResourceList<Item> {
  /** What can be searched and sorted by, by SCIM path. */
  readonly fields: Readonly<Record<string, SearchField>>
  search(exchange: Exchange, query: Query): Promise<Listed<Item>>
}

/**
 * One kind of resource: how it is found, written, and changed. All that SCIM says of resources in
 * general follows from this in `routeOf`; an operation that is missing here is answered 405.
 */
export interface Resource<Item extends { readonly id: string }> {
  readonly schema: ResourceSchema
  readonly list: ResourceList<Item>
  find(exchange: Exchange, id: string): Promise<Item | null>
  /** The whole representation: nothing left out, nothing secret in it. */
  write(exchange: Exchange, item: Item): Json | Promise<Json>
  /** The same of a whole page, where what belongs to each is read better together. */
  writePage?(exchange: Exchange, items: readonly Item[]): Promise<readonly Json[]>
  /** Number that changes with every change of the record. */
  version(item: Item): number
  create?(exchange: Exchange, sent: ReadResource): Promise<Refused<Made<Item>>>
  /** Both PUT and PATCH, so that no rule holds on one way only. */
  replace?(exchange: Exchange, present: Item, sent: ReadResource): Promise<Refused<Made<Item>>>
  remove?(exchange: Exchange, present: Item): Promise<Refused<Change>>
  /** Whether a read-only attribute that no GET shows is sent back as it was told once. */
  isToldOnce?(exchange: Exchange, present: Item, sent: readonly [string, unknown]): Promise<boolean>
}

/** The list of a noun of the registry, searched by its definition. */
export const registryList = <Noun extends keyof SearchedNouns>(
  noun: Noun,
  definition: SearchDefinition<SearchedNouns[Noun]>,
): ResourceList<SearchedNouns[Noun]> => ({
  fields: definition.fields,
  search: ({ context }, query) => context.transaction.search(noun, query),
})
