import type { CustomClaim } from '@mintmark/registry/custom-claim'
import type { Group } from '@mintmark/registry/group'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import type { User } from '@mintmark/registry/user'

/** Sample records for the contract suite and the golden files, as in `contract-records.ts`. */

const times = { version: 1, createdAtMs: 1_700_000_000_000, modifiedAtMs: 1_700_000_000_000 }

export const sampleUser = (domain: string, name: string, more: Partial<User> = {}): User => ({
  domain,
  id: `user-${name}`,
  userName: name,
  displayName: `Person ${name}`,
  externalId: null,
  active: true,
  givenName: null,
  familyName: name,
  emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
  attributes: {},
  ...times,
  ...more,
})

export const sampleGroup = (domain: string, name: string, more: Partial<Group> = {}): Group => ({
  domain,
  id: `group-${name}`,
  displayName: name,
  externalId: null,
  attributes: {},
  ...times,
  ...more,
})

export const sampleClaim = (
  domain: string,
  name: string,
  more: Partial<CustomClaim> = {},
): CustomClaim => ({
  domain,
  id: `claim-${name}`,
  name,
  value: 'north',
  mode: 'always',
  tokenType: 'AT',
  allScopes: true,
  scopes: [],
  ...times,
  ...more,
})

export const samplePartnerCertificate = (
  domain: string,
  alias: string,
  more: Partial<PartnerCertificate> = {},
): PartnerCertificate => ({
  domain,
  id: `partner-${alias}`,
  alias,
  der: 'MIID',
  x5t: `x5t-${alias}`,
  x5tS256: `x5ts256-${alias}`,
  notBeforeMs: 1_700_000_000_000,
  notAfterMs: 1_800_000_000_000,
  version: 1,
  createdAtMs: 1_700_000_000_000,
  ...more,
})
