import type { SigningKey } from '@mintmark/registry/signing-key'
import { defineTable } from './table.ts'

export const signingKeyTable = defineTable({
  name: 'signing_key',
  key: 'kid',
  columns: {
    kid: (item: SigningKey) => item.kid,
    state: (item) => item.state,
  },
  order: ['kid'],
})

/** Oldest first. */
export const oldestFirst = (keys: readonly SigningKey[]): readonly SigningKey[] =>
  keys.toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.kid < b.kid ? -1 : 1))
