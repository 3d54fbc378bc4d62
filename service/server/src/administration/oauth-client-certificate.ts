import {
  decideCertificateCreation,
  decideCertificateDeletion,
} from '@mintmark/decisions/administration/decide-credential-change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { CertificateFilter } from '@mintmark/registry/registry'
import { answerList, noContent, resourceAnswer } from './answers.ts'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import {
  carryOut,
  checkVersion,
  type Exchange,
  type Handler,
  notFound,
  stampOf,
} from './exchange.ts'
import { type Json, readResource } from './read-resource.ts'
import { frameAttributes, versionOf } from './write-resource.ts'

const readOnly = { mutability: 'readOnly' } as const

export const certificateSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:OAuthClientCertificate',
  resourceType: 'OAuthClientCertificate',
  endpoint: 'OAuthClientCertificates',
  attributes: [
    ...commonAttributes,
    attribute('certificateAlias', 'string', { required: true, returned: 'always' }),
    attribute('x509Base64Certificate', 'string', { required: true, charsMax: 20_000 }),
    // Read from the certificate, whatever is said of them.
    ...attributes('certStartDate certEndDate sha1Thumbprint sha256Thumbprint', 'string', readOnly),
    // Known to an identity domain, and not kept here: said so rather than lost.
    ...attributes('externalId keyStoreName map keyStorePassword keyStoreId', 'string'),
    attribute('tags', 'objects', { returned: 'request' }),
  ],
  extension: null,
  keptExtensions: [],
}

const notKept = ['externalId', 'keyStoreName', 'map', 'keyStorePassword', 'keyStoreId', 'tags']

const writeCertificate = (certificate: ClientCertificate, url: string): Json => ({
  schemas: [certificateSchema.urn],
  ...frameAttributes(
    { ...certificate, url, modifiedAtMs: certificate.createdAtMs },
    certificateSchema,
  ),
  certificateAlias: certificate.alias,
  x509Base64Certificate: certificate.der,
  sha1Thumbprint: certificate.x5t,
  sha256Thumbprint: certificate.x5tS256,
  certStartDate: new Date(certificate.notBeforeMs).toISOString(),
  certEndDate: new Date(certificate.notAfterMs).toISOString(),
})

/** GET /OAuthClientCertificates */
export const listCertificates: Handler = (exchange) => {
  const { transaction, address } = exchange.context
  return answerList(exchange, certificateSchema, {
    searchable: { certificateAlias: 'string', sha256Thumbprint: 'string' },
    find: (id) => transaction.findCertificate(id),
    list: (terms, page) => {
      const alias = terms.get('certificateAlias')
      const x5tS256 = terms.get('sha256Thumbprint')
      const filter = {
        ...(alias === undefined ? {} : { alias }),
        ...(x5tS256 === undefined ? {} : { x5tS256 }),
      }
      return transaction.listCertificates(filter as CertificateFilter, page)
    },
    write: (certificate) => writeCertificate(certificate, address().url),
  })
}

const findCertificate = async (
  exchange: Exchange,
): Promise<Result<ClientCertificate, AdministrationRefusal>> => {
  const id = exchange.id ?? ''
  const found = await exchange.context.transaction.findCertificate(id)
  return found === null ? notFound('OAuthClientCertificate', id) : ok(found)
}

/** GET /OAuthClientCertificates/{id} */
export const readCertificate: Handler = async (exchange) => {
  const found = await findCertificate(exchange)
  if (!found.ok) return found
  const whole = writeCertificate(found.value, exchange.context.address().url)
  return ok(resourceAnswer(200, whole, certificateSchema, exchange))
}

const readWish = (exchange: Exchange) => {
  const sent = readResource(exchange.command.body, certificateSchema)
  if (!sent.ok) return sent
  const { values } = sent.value
  const lost = notKept.find((name) => values.has(name))
  if (lost !== undefined) {
    return refuseChange(
      'ATTRIBUTE_NOT_KEPT',
      `${lost} of a certificate is not kept by this server.`,
      {
        fix: 'Leave it out.',
        at: lost,
      },
    )
  }
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

/** POST /OAuthClientCertificates */
export const createCertificate: Handler = async (exchange) => {
  const wish = readWish(exchange)
  if (!wish.ok) return wish
  const { transaction, address } = exchange.context
  const { alias, x5tS256 } = wish.value
  const one = { startIndex: 1, count: 1 }
  const view = {
    sameAlias: (await transaction.listCertificates({ alias }, one)).items[0] ?? null,
    sameBytes: (await transaction.listCertificates({ x5tS256 }, one)).items[0] ?? null,
  }
  const made = decideCertificateCreation(wish.value, view, stampOf(exchange))
  if (!made.ok) return made
  await carryOut(exchange, made.value.change)
  const whole = writeCertificate(made.value.certificate, address().url)
  return ok(resourceAnswer(201, whole, certificateSchema, exchange))
}

/** DELETE /OAuthClientCertificates/{id} */
export const deleteCertificate: Handler = async (exchange) => {
  const found = await findCertificate(exchange)
  if (!found.ok) return found
  const { id, version } = found.value
  const fits = checkVersion(exchange, versionOf('OAuthClientCertificate', id, version))
  if (!fits.ok) return fits
  const { transaction } = exchange.context
  const names: string[] = []
  for (const applicationId of await transaction.applicationsWithCertificate(id)) {
    const application = await transaction.findApplication(applicationId)
    if (application !== null) names.push(application.displayName)
  }
  const change = decideCertificateDeletion(found.value, names)
  if (!change.ok) return change
  await carryOut(exchange, change.value)
  return ok(noContent)
}
