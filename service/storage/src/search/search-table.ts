import type { SearchDefinition } from '@mintmark/registry/search-definition'

/** Rows of other tables that stand for the elements of a list. */
export interface RelatedList {
  /** Tables with their joins; rows are narrowed by `domain`, the first one's domain column. */
  readonly from: string
  readonly domain: string
  /** Column of the rows that equals a column of the item. */
  readonly inner: string
  readonly outer: string
  /** What else must hold of a row. */
  readonly where?: string
  /** Parts of an element as SQL; folded ones are kept folded. */
  readonly parts: Readonly<Record<string, string>>
}

/**
 * Where a noun is searched. All SQL here is part of the program; the searched row is `item`, its
 * document `item.search`.
 */
export interface SearchTable<Item> {
  readonly name: string
  readonly definition: SearchDefinition<Item>
  /** The noun's own order; `item.id` is added. */
  readonly order: readonly string[]
  /** Fields that have a column or an indexed expression; booleans as 1 and 0. */
  readonly columns: Readonly<Record<string, string>>
  /** Of `columns`, those that every row has a value of. */
  readonly required: readonly string[]
  readonly related: Readonly<Record<string, RelatedList>>
  /** Fields of the document whose values are also kept in rows, by field or `field.part`. */
  readonly indexed: Readonly<Record<string, RelatedList>>
  /** Of `indexed`, those whose rows are not all there before all records are counted. */
  readonly filledLater?: readonly string[]
  /** Boolean fields that records are counted by, with each value of `indexed`. */
  readonly countedFlags?: readonly string[]
}

/** What records are counted under; no field and no value: all of them. */
export interface Counted {
  readonly field: string
  readonly value: string
  /** Each with a digit for each of `countedFlags`. */
  readonly flags: readonly string[]
}
