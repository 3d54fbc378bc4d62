/** What is asked of a list of nouns: which, in which order, which page. */

/** Texts are already in the form in which the field is kept (`search-definition.ts`). */
export type QueryValue = string | number | boolean

/** RFC 7644 §3.4.2.2 table 3, without `pr`. */
export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/**
 * What must hold. Fields are those of the noun's search definition, with dots
 * (`displayName`, `scopes.value`); inside `some`, those of the list's own elements (`value`).
 *
 * Two-valued: a comparison with a field that has no value is false, but `ne`, which is true. A
 * field with several values matches when one of them does; without any value nothing matches.
 */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'present'; readonly field: string }
  | {
      readonly kind: 'compare'
      readonly field: string
      readonly operator: Comparison
      readonly value: QueryValue
    }
  /** One element of the list holds all of it (RFC 7644 §3.4.2.2, value path). */
  | { readonly kind: 'some'; readonly field: string; readonly condition: Condition }

/** `startIndex` counts from 1 (RFC 7644 §3.4.2.4). */
export interface Query {
  /** null: everything. */
  readonly where: Condition | null
  /** null: the noun's own order. Ties are always broken by `id`. */
  readonly sort: { readonly field: string; readonly descending: boolean } | null
  readonly startIndex: number
  readonly count: number
}
