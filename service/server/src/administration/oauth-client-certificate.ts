import {
  decideCertificateCreation,
  decideCertificateDeletion,
} from '@mintmark/decisions/administration/decide-credential-change'
import { refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok } from '@mintmark/protocol/result'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import { certificateSearch } from '@mintmark/registry/search/certificate-search'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import { type Exchange, stampOf } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { frameAttributes, madeOnce } from './write-resource.ts'

const readOnly = { mutability: 'readOnly' } as const

export const certificateSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:OAuthClientCertificate',
  resourceType: 'OAuthClientCertificate',
  endpoint: 'OAuthClientCertificates',
  attributes: [
    ...commonAttributes,
    attribute('certificateAlias', 'string', { required: true, returned: 'always' }),
    attribute('x509Base64Certificate', 'string', {
      required: true,
      caseExact: true,
      charsMax: 20_000,
    }),
    // Read from the certificate, whatever is said of them.
    ...attributes('certStartDate certEndDate', 'string', {
      ...readOnly,
      caseExact: true,
      format: 'dateTime',
    }),
    ...attributes('sha1Thumbprint sha256Thumbprint', 'string', { ...readOnly, caseExact: true }),
    // Known to an identity domain, and not kept here: said so rather than lost.
    ...attributes('externalId keyStoreName map keyStorePassword keyStoreId', 'string', {
      kept: false,
    }),
    attribute('tags', 'objects', { returned: 'request', kept: false }),
  ],
  extension: null,
  keptExtensions: [],
}

/** A certificate of a client or of an authority, as it is read. */
export const writeCertificate = (
  certificate: ClientCertificate | PartnerCertificate,
  schema: ResourceSchema,
  url: string,
): Json => ({
  schemas: [schema.urn],
  ...frameAttributes(
    { ...certificate, url, modifiedAtMs: certificate.createdAtMs, prevented: madeOnce },
    schema,
  ),
  certificateAlias: certificate.alias,
  x509Base64Certificate: certificate.der,
  sha1Thumbprint: certificate.x5t,
  sha256Thumbprint: certificate.x5tS256,
  certStartDate: new Date(certificate.notBeforeMs).toISOString(),
  certEndDate: new Date(certificate.notAfterMs).toISOString(),
})

/** Reads the certificate itself; what it is used for is judged by whoever asks. */
export const readCertificateWish = (exchange: Exchange, { values }: ReadResource) => {
  const at = 'x509Base64Certificate'
  const read = exchange.context.readCertificate(values.get(at) as string)
  if (read === null) {
    return refuseChange('CERTIFICATE_UNREADABLE', `${at} is no certificate.`, {
      fix: 'Send one X.509 certificate in base64, with or without its PEM lines.',
      at,
    })
  }
  const { weakness, ...certificate } = read
  if (weakness !== null) {
    return refuseChange('CERTIFICATE_UNREADABLE', 'This certificate cannot be trusted.', {
      why: `${weakness.charAt(0).toUpperCase()}${weakness.slice(1)}`,
      at,
    })
  }
  return ok({ alias: values.get('certificateAlias') as string, ...certificate })
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const wish = readCertificateWish(exchange, sent)
  if (!wish.ok) return wish
  const { transaction } = exchange.context
  const { isAuthority: _, ...certificate } = wish.value
  const { alias, x5tS256 } = certificate
  const one = { startIndex: 1, count: 1 }
  const view = {
    sameAlias: (await transaction.listCertificates({ alias }, one)).items[0] ?? null,
    sameBytes: (await transaction.listCertificates({ x5tS256 }, one)).items[0] ?? null,
  }
  const made = decideCertificateCreation(certificate, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.certificate, change: made.value.change }) : made
}

const remove = async ({ context }: Exchange, present: ClientCertificate) => {
  const names: string[] = []
  for (const applicationId of await context.transaction.applicationsWithCertificate(present.id)) {
    const application = await context.transaction.findApplication(applicationId)
    if (application !== null) names.push(application.displayName)
  }
  return decideCertificateDeletion(present, names)
}

/** Immutable as a whole: it has no replacement. */
export const certificateResource: Resource<ClientCertificate> = {
  schema: certificateSchema,
  list: registryList('certificate', certificateSearch),
  find: ({ context }, id) => context.transaction.findCertificate(id),
  write: ({ context }, certificate) =>
    writeCertificate(certificate, certificateSchema, context.address().url),
  version: (certificate) => certificate.version,
  create,
  remove,
}
