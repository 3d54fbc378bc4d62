import type { ClientCertificate } from '../client-credential.ts'
import type { PartnerCertificate } from '../partner-certificate.ts'
import type { SearchDefinition, SearchField } from '../search-definition.ts'
import { frameFields, readFrame, valueFields } from './common-fields.ts'

const fields: Readonly<Record<string, SearchField>> = {
  ...frameFields,
  ...valueFields('certificateAlias', 'folded'),
  ...valueFields('sha1Thumbprint sha256Thumbprint certStartDate certEndDate', 'exact'),
}

const read = (item: ClientCertificate | PartnerCertificate) => ({
  ...readFrame(item),
  certificateAlias: item.alias,
  sha1Thumbprint: item.x5t,
  sha256Thumbprint: item.x5tS256,
  certStartDate: new Date(item.notBeforeMs).toISOString(),
  certEndDate: new Date(item.notAfterMs).toISOString(),
})

/** SCIM `OAuthClientCertificate`. */
export const certificateSearch: SearchDefinition<ClientCertificate> = { fields, read }

/** SCIM `OAuthPartnerCertificate`. */
export const partnerCertificateSearch: SearchDefinition<PartnerCertificate> = { fields, read }
