import type { AppRecord } from '../server/records.ts'
import { send } from '../server/request.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'

/** Whose certificates: of clients, or of authorities that vouch for those of clients. */
export type CertificateKind = 'OAuthClientCertificate' | 'OAuthPartnerCertificate'

export interface CertificateRecord {
  readonly id: string
  readonly certificateAlias: string
  readonly sha256Thumbprint: string
  readonly certStartDate: string
  readonly certEndDate: string
}

interface User {
  readonly id: string
  readonly displayName: string
}

export interface Certificates {
  readonly certificates: readonly CertificateRecord[]
  readonly total: number
  /** Applications by the alias that they name. */
  readonly users: ReadonlyMap<string, readonly User[]>
}

interface AppWithCertificates extends AppRecord {
  readonly certificates?: readonly { readonly certAlias: string }[]
}

const shownMax = 200
const aliasesAtOnce = 40

const readUsers = async (
  aliases: readonly string[],
): Promise<ReadonlyMap<string, readonly User[]>> => {
  const users = new Map<string, User[]>()
  for (let start = 0; start < aliases.length; start += aliasesAtOnce) {
    const some = aliases.slice(start, start + aliasesAtOnce)
    const found = await list<AppWithCertificates>('Apps', {
      filter: some.map((alias) => `certificates.certAlias eq ${quoted(alias)}`).join(' or '),
      attributes: 'displayName,certificates',
      count: shownMax,
    })
    for (const { id, displayName, certificates = [] } of itemsOf(found)) {
      for (const { certAlias } of certificates) {
        users.set(certAlias, [...(users.get(certAlias) ?? []), { id, displayName }])
      }
    }
  }
  return users
}

/** Those that end first come first. */
export const readCertificates = async (kind: CertificateKind): Promise<Certificates> => {
  const listing = await list<CertificateRecord>(`${kind}s`, { count: shownMax })
  const certificates = itemsOf(listing).toSorted((a, b) =>
    a.certEndDate.localeCompare(b.certEndDate),
  )
  const aliases = certificates.map(({ certificateAlias }) => certificateAlias)
  const users = kind === 'OAuthClientCertificate' ? await readUsers(aliases) : new Map()
  return { certificates, total: listing.totalResults, users }
}

/** @param pem as it stands in the file; the server reads it */
export const addCertificate = (kind: CertificateKind, alias: string, pem: string) =>
  send('POST', `/admin/v1/${kind}s`, {
    schemas: [`urn:ietf:params:scim:schemas:oracle:idcs:${kind}`],
    certificateAlias: alias,
    x509Base64Certificate: pem.trim(),
  })

export const removeCertificate = (kind: CertificateKind, id: string) =>
  send('DELETE', `/admin/v1/${kind}s/${encodeURIComponent(id)}`)

export type Validity = 'not yet' | 'valid' | 'ends soon' | 'expired'

const soonMs = 30 * 86_400_000

/** Where now lies in the life of a certificate. */
export const validityOf = (
  { certStartDate, certEndDate }: Pick<CertificateRecord, 'certStartDate' | 'certEndDate'>,
  nowMs: number,
): Validity => {
  if (nowMs < Date.parse(certStartDate)) return 'not yet'
  const leftMs = Date.parse(certEndDate) - nowMs
  if (leftMs <= 0) return 'expired'
  return leftMs < soonMs ? 'ends soon' : 'valid'
}
