import {
  decidePartnerCertificateCreation,
  decidePartnerCertificateDeletion,
} from '@mintmark/decisions/administration/decide-partner-certificate-change'
import { ok } from '@mintmark/protocol/result'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import { partnerCertificateSearch } from '@mintmark/registry/search/certificate-search'
import { foldText } from '@mintmark/registry/search-definition'
import type { ResourceSchema } from './attribute.ts'
import { type Exchange, stampOf } from './exchange.ts'
import {
  certificateSchema,
  readCertificateWish,
  writeCertificate,
} from './oauth-client-certificate.ts'
import type { ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'

export const partnerCertificateSchema: ResourceSchema = {
  ...certificateSchema,
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:OAuthPartnerCertificate',
  resourceType: 'OAuthPartnerCertificate',
  endpoint: 'OAuthPartnerCertificates',
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const wish = readCertificateWish(exchange, sent)
  if (!wish.ok) return wish
  const present = await exchange.context.transaction.partnerCertificates()
  const { alias, x5tS256 } = wish.value
  const view = {
    sameAlias: present.find((each) => foldText(each.alias) === foldText(alias)) ?? null,
    sameBytes: present.find((each) => each.x5tS256 === x5tS256) ?? null,
    count: present.length,
  }
  const made = decidePartnerCertificateCreation(wish.value, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.certificate, change: made.value.change }) : made
}

/** Authorities that the domain trusts for client certificates; immutable as a whole. */
export const partnerCertificateResource: Resource<PartnerCertificate> = {
  schema: partnerCertificateSchema,
  list: registryList('partnerCertificate', partnerCertificateSearch),
  find: ({ context }, id) => context.transaction.findPartnerCertificate(id),
  write: ({ context }, certificate) =>
    writeCertificate(certificate, partnerCertificateSchema, context.address().url),
  version: (certificate) => certificate.version,
  create,
  remove: async (_exchange, present) => ok(decidePartnerCertificateDeletion(present)),
}
