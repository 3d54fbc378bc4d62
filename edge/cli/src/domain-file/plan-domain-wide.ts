import type {
  ClaimEntry,
  DomainDocument,
  SettingsEntry,
  StoredCertificateEntry,
} from './domain-document.ts'
import { nameKey } from './name-key.ts'
import { planRecord, type RecordPlan } from './plan-record.ts'
import type { PresentState } from './present-state.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'

const planClaim = (entry: ClaimEntry, index: number, present: PresentState): RecordPlan =>
  planRecord({
    kind: 'claim',
    name: entry.name,
    at: entry.at,
    path: entry.path,
    endpoint: '/CustomClaims',
    schema: `${idcs}CustomClaim`,
    bulkId: `claim${index}`,
    present: present.claims.get(entry.name),
    said: {
      name: entry.name,
      value: entry.value,
      mode: entry.mode,
      tokenType: entry.tokenType,
      allScopes: entry.scopes === null,
      scopes: entry.scopes,
    },
    forms: { scopes: (list) => (Array.isArray(list) ? list.toSorted() : list) },
  })

const planCertificate = (
  entry: StoredCertificateEntry,
  index: number,
  kind: 'certificate' | 'authority',
  present: PresentState,
): RecordPlan => {
  const isAuthority = kind === 'authority'
  const noun = isAuthority ? 'OAuthPartnerCertificate' : 'OAuthClientCertificate'
  const stored = isAuthority ? present.authorities : present.certificatesByAlias
  const { alias, base64 } = entry
  return planRecord({
    kind,
    name: alias,
    at: entry.at,
    path: entry.path,
    endpoint: `/${noun}s`,
    schema: idcs + noun,
    bulkId: `${kind}${index}`,
    present: stored.get(isAuthority ? nameKey(alias) : alias),
    said: { certificateAlias: alias, x509Base64Certificate: base64 },
    immutable: true,
  })
}

const planSettings = (entry: SettingsEntry, present: PresentState): RecordPlan => {
  const { issuer, signingCertPublicAccess } = entry
  return planRecord({
    kind: 'settings',
    name: '',
    at: entry.at,
    path: entry.path,
    endpoint: '/Settings',
    schema: `${idcs}Setting`,
    bulkId: 'settings',
    present: present.settings ?? undefined,
    said: {
      ...(issuer === null ? {} : { issuer }),
      ...(signingCertPublicAccess === null ? {} : { signingCertPublicAccess }),
    },
  })
}

/** What a document says of the domain as a whole. */
export interface DomainWidePlan {
  /** Certificates and settings: nothing comes before them. */
  readonly first: readonly RecordPlan[]
  /** Claims name scopes, which must be there. */
  readonly claims: readonly RecordPlan[]
}

export const planDomainWide = (
  document: DomainDocument,
  present: PresentState,
): DomainWidePlan => ({
  first: [
    ...(document.settings === null ? [] : [planSettings(document.settings, present)]),
    ...document.authorities.map((each, at) => planCertificate(each, at, 'authority', present)),
    ...document.certificates.map((each, at) => planCertificate(each, at, 'certificate', present)),
  ],
  claims: document.claims.map((each, at) => planClaim(each, at, present)),
})
