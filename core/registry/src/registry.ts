import type { AppRole } from './app-role.ts'
import type { Application } from './application.ts'
import type { AuditEvent } from './audit-event.ts'
import type { ClientCertificate, ClientSecret } from './client-credential.ts'
import type { CustomClaim } from './custom-claim.ts'
import type { Grant } from './grant.ts'
import type { Group, GroupMember } from './group.ts'
import type { DomainSettings, IdentityDomain } from './identity-domain.ts'
import type { PartnerCertificate } from './partner-certificate.ts'
import type { Query } from './query.ts'
import type { RetriedRequest } from './retried-request.ts'
import type { Revocation } from './revocation.ts'
import type { SigningKey } from './signing-key.ts'
import type { User } from './user.ts'

/** One page of a list; `startIndex` counts from 1 (RFC 7644 §3.4.2.4). */
export interface Page {
  readonly startIndex: number
  readonly count: number
}

export interface Listed<Item> {
  readonly total: number
  readonly items: readonly Item[]
}

/** Exact matches only, all of which must hold; names are those of the record. */
export interface ApplicationFilter {
  readonly displayName?: string
  readonly clientId?: string
  readonly audience?: string
  readonly isClient?: boolean
  readonly isResourceServer?: boolean
  readonly active?: boolean
}

export interface RoleFilter {
  readonly applicationId?: string
  readonly displayName?: string
}

export interface GrantFilter {
  readonly applicationId?: string
  readonly roleId?: string
  readonly granteeId?: string
}

export interface CertificateFilter {
  readonly alias?: string
  readonly x5tS256?: string
}

/** The nouns that administrators search, by the name that `search` takes. */
export interface SearchedNouns {
  readonly application: Application
  readonly role: AppRole
  readonly grant: Grant
  readonly certificate: ClientCertificate
  readonly partnerCertificate: PartnerCertificate
  readonly user: User
  readonly group: Group
  readonly customClaim: CustomClaim
}

/** A role that an application was given itself, and the name of whose role it is. */
export interface HeldRole {
  readonly grant: Grant
  readonly role: AppRole
  readonly owner: string
}

/** What belongs to an application beside its record, each kind in the order of its own list. */
export interface Belongings {
  readonly secrets: readonly ClientSecret[]
  /** When they were last used, as `secretUses` tells it. */
  readonly secretUses: ReadonlyMap<string, number>
  readonly certificates: readonly ClientCertificate[]
  readonly held: readonly HeldRole[]
}

/** What administrators have declared, as one transaction sees it. */
export interface RegistryReader {
  /** Any list that an administrator can ask for. */
  search<Noun extends keyof SearchedNouns>(
    noun: Noun,
    query: Query,
  ): Promise<Listed<SearchedNouns[Noun]>>
  domain(): Promise<IdentityDomain>
  settings(): Promise<DomainSettings>
  findApplication(id: string): Promise<Application | null>
  listApplications(filter: ApplicationFilter, page: Page): Promise<Listed<Application>>
  /**
   * Among the resource servers that this gives are all that define one of these fully qualified
   * scopes, under whichever of their audiences.
   */
  scopeDefiners(scopes: readonly string[]): Promise<readonly Application[]>
  findRole(id: string): Promise<AppRole | null>
  listRoles(filter: RoleFilter, page: Page): Promise<Listed<AppRole>>
  findGrant(id: string): Promise<Grant | null>
  listGrants(filter: GrantFilter, page: Page): Promise<Listed<Grant>>
  findSecret(id: string): Promise<ClientSecret | null>
  listSecrets(applicationId: string): Promise<readonly ClientSecret[]>
  /**
   * When the secrets of an application were last used, in milliseconds, by id: the first use in the
   * last hour with any. Those never used are not in it.
   */
  secretUses(applicationId: string): Promise<ReadonlyMap<string, number>>
  findCertificate(id: string): Promise<ClientCertificate | null>
  listCertificates(filter: CertificateFilter, page: Page): Promise<Listed<ClientCertificate>>
  /** Certificates attached to an application. */
  certificatesOf(applicationId: string): Promise<readonly ClientCertificate[]>
  /** What belongs to each of these applications, by its id; those without anything are left out. */
  belongingsOf(applicationIds: readonly string[]): Promise<ReadonlyMap<string, Belongings>>
  /** Applications a certificate is attached to, by its id. */
  applicationsWithCertificate(certificateId: string): Promise<readonly string[]>
  signingKeys(): Promise<readonly SigningKey[]>
  findUser(id: string): Promise<User | null>
  findUserByName(userName: string): Promise<User | null>
  findGroup(id: string): Promise<Group | null>
  membersOf(groupId: string): Promise<readonly GroupMember[]>
  /** Groups that a user or an application belongs to. */
  groupsOf(memberType: GroupMember['memberType'], memberId: string): Promise<readonly Group[]>
  findCustomClaim(id: string): Promise<CustomClaim | null>
  customClaims(): Promise<readonly CustomClaim[]>
  findPartnerCertificate(id: string): Promise<PartnerCertificate | null>
  partnerCertificates(): Promise<readonly PartnerCertificate[]>
  findRetriedRequest(key: string): Promise<RetriedRequest | null>
}

/**
 * The registry inside one writing transaction: all of it is stored, or nothing. What it changed is
 * made known to every worker before the transaction's caller hears of success.
 */
export interface RegistryTransaction extends RegistryReader {
  putApplication(application: Application): Promise<void>
  /** Also removes its roles, grants (given and held), secrets and certificate attachments. */
  deleteApplication(id: string): Promise<void>
  putRole(role: AppRole): Promise<void>
  /** Also removes the grants of the role. */
  deleteRole(id: string): Promise<void>
  putGrant(grant: Grant): Promise<void>
  deleteGrant(id: string): Promise<void>
  putSecret(secret: ClientSecret): Promise<void>
  deleteSecret(applicationId: string, id: string): Promise<void>
  putCertificate(certificate: ClientCertificate): Promise<void>
  deleteCertificate(id: string): Promise<void>
  attachCertificates(applicationId: string, certificateIds: readonly string[]): Promise<void>
  putSettings(settings: DomainSettings): Promise<void>
  putSigningKey(key: SigningKey): Promise<void>
  deleteSigningKey(kid: string): Promise<void>
  putRevocation(revocation: Revocation): Promise<void>
  putUser(user: User): Promise<void>
  /** Also removes its memberships and the grants that it holds. */
  deleteUser(id: string): Promise<void>
  putGroup(group: Group): Promise<void>
  /** Also removes its members and the grants that it holds. */
  deleteGroup(id: string): Promise<void>
  /** States all members: who is not named is none. */
  putMembers(groupId: string, members: readonly GroupMember[]): Promise<void>
  putCustomClaim(claim: CustomClaim): Promise<void>
  deleteCustomClaim(id: string): Promise<void>
  putPartnerCertificate(certificate: PartnerCertificate): Promise<void>
  deletePartnerCertificate(id: string): Promise<void>
  putRetriedRequest(request: RetriedRequest): Promise<void>
  /** Written in the same transaction as the change they speak of; several cost little more. */
  audit(...events: readonly AuditEvent[]): Promise<void>
}

/** A write that broke a unique key: which record and which of its members. */
export class DuplicateRecord extends Error {
  readonly record: string
  readonly member: string
  constructor(record: string, member: string) {
    super(`${record}: this ${member} is taken`)
    this.record = record
    this.member = member
  }
}
