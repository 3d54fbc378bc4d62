import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import { partnerCertificateSearch } from '@mintmark/registry/search/certificate-search'
import { foldText } from '@mintmark/registry/search-definition'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable } from './table.ts'

export const partnerCertificateTable = defineTable({
  name: 'partner_certificate',
  key: 'id',
  columns: {
    id: (item: PartnerCertificate) => item.id,
    alias_key: (item) => foldText(item.alias),
    x5t_s256: (item) => item.x5tS256,
  },
  order: ['alias_key'],
  search: partnerCertificateSearch,
})

/** Where partner certificates are searched. */
export const partnerCertificateSearchTable: SearchTable<PartnerCertificate> = {
  name: 'partner_certificate',
  definition: partnerCertificateSearch,
  order: ['item.alias_key'],
  columns: {
    id: 'lower(item.id)',
    certificateAlias: 'item.alias_key',
    sha256Thumbprint: 'item.x5t_s256',
  },
  required: ['id', 'certificateAlias', 'sha256Thumbprint'],
  related: {},
  indexed: {},
}
