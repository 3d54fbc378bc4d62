import type { SearchedNouns } from '../registry.ts'
import type { SearchDefinition } from '../search-definition.ts'
import { applicationSearch } from './application-search.ts'
import { certificateSearch, partnerCertificateSearch } from './certificate-search.ts'
import { customClaimSearch } from './custom-claim-search.ts'
import { grantSearch } from './grant-search.ts'
import { groupSearch } from './group-search.ts'
import { roleSearch } from './role-search.ts'
import { userSearch } from './user-search.ts'

/** What of each noun can be searched and sorted by. */
export const searchDefinitions: {
  readonly [Noun in keyof SearchedNouns]: SearchDefinition<SearchedNouns[Noun]>
} = {
  application: applicationSearch,
  role: roleSearch,
  grant: grantSearch,
  certificate: certificateSearch,
  partnerCertificate: partnerCertificateSearch,
  user: userSearch,
  group: groupSearch,
  customClaim: customClaimSearch,
}
