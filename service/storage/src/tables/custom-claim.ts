import type { CustomClaim } from '@mintmark/registry/custom-claim'
import { customClaimSearch } from '@mintmark/registry/search/custom-claim-search'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable } from './table.ts'

export const customClaimTable = defineTable({
  name: 'custom_claim',
  key: 'id',
  columns: {
    id: (item: CustomClaim) => item.id,
    name: (item) => item.name,
  },
  order: ['name'],
  search: customClaimSearch,
})

/** Where custom claims are searched. */
export const customClaimSearchTable: SearchTable<CustomClaim> = {
  name: 'custom_claim',
  definition: customClaimSearch,
  order: ['item.name'],
  columns: { id: 'lower(item.id)', name: 'item.name' },
  required: ['id', 'name'],
  related: {},
  indexed: {},
}
