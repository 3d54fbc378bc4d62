import type { SearchedNouns } from '@mintmark/registry/registry'
import { grantSearchTable } from '../tables/app-grant.ts'
import { roleSearchTable } from '../tables/app-role.ts'
import { applicationSearchTable } from '../tables/application.ts'
import { certificateSearchTable } from '../tables/client-certificate.ts'
import { customClaimSearchTable } from '../tables/custom-claim.ts'
import { partnerCertificateSearchTable } from '../tables/partner-certificate.ts'
import { userSearchTable } from '../tables/user-account.ts'
import { groupSearchTable } from '../tables/user-group.ts'
import type { SearchTable } from './search-table.ts'

/** Where each noun is searched. */
export const searchTables: {
  readonly [Noun in keyof SearchedNouns]: SearchTable<SearchedNouns[Noun]>
} = {
  application: applicationSearchTable,
  role: roleSearchTable,
  grant: grantSearchTable,
  certificate: certificateSearchTable,
  partnerCertificate: partnerCertificateSearchTable,
  user: userSearchTable,
  group: groupSearchTable,
  customClaim: customClaimSearchTable,
}
