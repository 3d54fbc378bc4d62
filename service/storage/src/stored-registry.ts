import type { RegistryReader, RegistryTransaction } from '@mintmark/registry/registry'
import type { Dialect, Statements } from './database.ts'
import {
  noteApplication,
  noteCertificate,
  noteClients,
  noteGrantee,
  openWriting,
  recount,
  type Writing,
} from './registry-writing.ts'
import { searchRecords } from './search/search-records.ts'
import { searchTables } from './search/search-tables.ts'
import { appGrants, appGrantsWhere, holdersOfRole, holdersOfRolesOf } from './tables/app-grant.ts'
import { appRoles, appRolesWhere } from './tables/app-role.ts'
import {
  addApplicationValues,
  applications,
  applicationsWhere,
  deleteApplicationValues,
  putApplicationValues,
} from './tables/application.ts'
import { appendPack, packLines } from './tables/audit-pack.ts'
import { belongingsOf } from './tables/belongings.ts'
import {
  applicationsAttachedTo,
  certificatesAttachedTo,
  clientCertificates,
  clientCertificatesWhere,
  detachCertificate,
  replaceAttachments,
} from './tables/client-certificate.ts'
import { clientSecrets, newestFirst } from './tables/client-secret.ts'
import { deleteConsoleAccount } from './tables/console-account.ts'
import { endConsoleAccess } from './tables/console-session.ts'
import { customClaimTable } from './tables/custom-claim.ts'
import {
  clientsInGroup,
  groupsOfMember,
  leaveGroups,
  membersOfGroup,
  replaceMembers,
} from './tables/group-member.ts'
import { findIdentityDomain } from './tables/identity-domain.ts'
import { partnerCertificateTable } from './tables/partner-certificate.ts'
import { findRetriedRequest, putRetriedRequest } from './tables/retried-request.ts'
import { putRevocations } from './tables/revocation.ts'
import { scopeDefiners } from './tables/scope-definer.ts'
import { deleteSecretUse, deleteSecretUsesOf, listSecretUses } from './tables/secret-use.ts'
import { findSettings, putSettings } from './tables/settings.ts'
import { oldestFirst, signingKeyTable } from './tables/signing-key.ts'
import { userAccounts, userNameKey } from './tables/user-account.ts'
import { userGroups } from './tables/user-group.ts'

/** What caches hold that a transaction has made untrue. */
export interface ChangeSet {
  /** Clients whose record, credentials or held roles may have changed. */
  readonly clientIds: Set<string>
  /** Resource servers, roles, settings or keys may have changed. */
  catalog: boolean
}

export const createChangeSet = (): ChangeSet => ({ clientIds: new Set(), catalog: false })

type PeopleReads = Pick<
  RegistryReader,
  'findUser' | 'findUserByName' | 'findGroup' | 'membersOf' | 'groupsOf'
>

const readPeople = (statements: Statements, domainId: string): PeopleReads => ({
  findUser: (id) => userAccounts.find(statements, domainId, id),
  findUserByName: async (userName) => {
    const where = { user_name_key: userNameKey(userName) }
    return (await userAccounts.all(statements, domainId, where))[0] ?? null
  },
  findGroup: (id) => userGroups.find(statements, domainId, id),
  membersOf: (groupId) => membersOfGroup(statements, domainId, groupId),
  groupsOf: (memberType, memberId) =>
    groupsOfMember(statements, domainId, { memberType, memberId }),
})

/** The registry of one domain. Several reads see one state only inside a transaction. */
export const readRegistry = (
  statements: Statements,
  domainId: string,
  dialect: Dialect = 'sqlite',
): RegistryReader => ({
  ...readPeople(statements, domainId),
  search: (noun, query) =>
    searchRecords({ statements, dialect, domainId }, searchTables[noun], query),
  domain: async () => {
    const domain = await findIdentityDomain(statements, domainId)
    if (domain === null) throw new Error(`identity domain ${domainId}: not in this database`)
    return domain
  },
  settings: () => findSettings(statements, domainId),
  findApplication: (id) => applications.find(statements, domainId, id),
  listApplications: (filter, page) =>
    applications.list(statements, domainId, applicationsWhere(filter), page),
  scopeDefiners: (scopes) => scopeDefiners({ statements, domainId, dialect }, scopes),
  findRole: (id) => appRoles.find(statements, domainId, id),
  listRoles: (filter, page) => appRoles.list(statements, domainId, appRolesWhere(filter), page),
  findGrant: (id) => appGrants.find(statements, domainId, id),
  listGrants: (filter, page) => appGrants.list(statements, domainId, appGrantsWhere(filter), page),
  findSecret: (id) => clientSecrets.find(statements, domainId, id),
  listSecrets: async (applicationId) =>
    newestFirst(await clientSecrets.all(statements, domainId, { application_id: applicationId })),
  secretUses: (applicationId) => listSecretUses(statements, domainId, applicationId),
  findCertificate: (id) => clientCertificates.find(statements, domainId, id),
  listCertificates: (filter, page) =>
    clientCertificates.list(statements, domainId, clientCertificatesWhere(filter), page),
  certificatesOf: (applicationId) => certificatesAttachedTo(statements, domainId, applicationId),
  belongingsOf: (applicationIds) => belongingsOf({ statements, domainId, dialect }, applicationIds),
  applicationsWithCertificate: async (certificateId) =>
    (await applicationsAttachedTo(statements, domainId, certificateId)).map(({ id }) => id),
  signingKeys: async () => oldestFirst(await signingKeyTable.all(statements, domainId, {})),
  findCustomClaim: (id) => customClaimTable.find(statements, domainId, id),
  customClaims: () => customClaimTable.all(statements, domainId, {}),
  findPartnerCertificate: (id) => partnerCertificateTable.find(statements, domainId, id),
  partnerCertificates: () => partnerCertificateTable.all(statements, domainId, {}),
  findRetriedRequest: (key) => findRetriedRequest(statements, domainId, key),
})

const applicationWrites = (
  writing: Writing,
): Pick<RegistryTransaction, 'putApplication' | 'deleteApplication'> => {
  const { statements, domainId, changes, reader } = writing
  return {
    putApplication: async (application) => {
      const { id, clientId } = application
      const isNew = await applications.add(statements, domainId, application)
      const before = isNew ? null : await reader.findApplication(id)
      if (isNew) await addApplicationValues(statements, domainId, application)
      else {
        await applications.put(statements, domainId, application)
        await putApplicationValues(statements, domainId, application)
      }
      await recount(writing, before, application)
      // nobody has made a view of a client that was not there
      if (isNew) writing.unviewed.add(clientId)
      await noteClients(writing, before === null ? [clientId] : [before.clientId, clientId])
      writing.clientIds.set(id, clientId)
      if ((before?.resourceServer ?? application.resourceServer) !== null) changes.catalog = true
    },
    deleteApplication: async (id) => {
      const before = await reader.findApplication(id)
      if (before === null) return
      writing.clientIds.delete(id)
      await noteClients(writing, [before.clientId])
      await noteClients(writing, await holdersOfRolesOf(statements, domainId, id))
      // children first: the foreign keys would refuse a parent with children
      await appGrants.deleteWhere(statements, domainId, { application_id: id })
      await appGrants.deleteWhere(statements, domainId, { grantee_type: 'App', grantee_id: id })
      const roles = await appRoles.deleteWhere(statements, domainId, { application_id: id })
      await deleteSecretUsesOf(statements, domainId, id)
      await clientSecrets.deleteWhere(statements, domainId, { application_id: id })
      await replaceAttachments(statements, domainId, id, [])
      await leaveGroups(statements, domainId, { memberType: 'App', memberId: id })
      await deleteApplicationValues(statements, domainId, id)
      await applications.deleteWhere(statements, domainId, { id })
      await recount(writing, before, null)
      if (before.resourceServer !== null || roles > 0) changes.catalog = true
    },
  }
}

const roleWrites = (
  writing: Writing,
): Pick<RegistryTransaction, 'putRole' | 'deleteRole' | 'putGrant' | 'deleteGrant'> => {
  const { statements, domainId, changes, reader } = writing
  return {
    putRole: async (role) => {
      await appRoles.put(statements, domainId, role)
      changes.catalog = true
    },
    deleteRole: async (id) => {
      await noteClients(writing, await holdersOfRole(statements, domainId, id))
      await appGrants.deleteWhere(statements, domainId, { role_id: id })
      await appRoles.deleteWhere(statements, domainId, { id })
      changes.catalog = true
    },
    putGrant: async (grant) => {
      await appGrants.put(statements, domainId, grant)
      await noteGrantee(writing, grant)
    },
    deleteGrant: async (id) => {
      const before = await reader.findGrant(id)
      if (before === null) return
      await appGrants.deleteWhere(statements, domainId, { id })
      await noteGrantee(writing, before)
    },
  }
}

type CredentialWrites = Pick<
  RegistryTransaction,
  'putSecret' | 'deleteSecret' | 'putCertificate' | 'deleteCertificate' | 'attachCertificates'
>

const credentialWrites = (writing: Writing): CredentialWrites => {
  const { statements, domainId } = writing
  return {
    putSecret: async (secret) => {
      await clientSecrets.put(statements, domainId, secret)
      await noteApplication(writing, secret.applicationId)
    },
    deleteSecret: async (applicationId, id) => {
      await deleteSecretUse(statements, domainId, applicationId, id)
      await clientSecrets.deleteWhere(statements, domainId, { application_id: applicationId, id })
      await noteApplication(writing, applicationId)
    },
    putCertificate: async (certificate) => {
      await clientCertificates.put(statements, domainId, certificate)
      await noteCertificate(writing, certificate.id)
    },
    deleteCertificate: async (id) => {
      await noteCertificate(writing, id)
      await detachCertificate(statements, domainId, id)
      await clientCertificates.deleteWhere(statements, domainId, { id })
    },
    attachCertificates: async (applicationId, certificateIds) => {
      await replaceAttachments(statements, domainId, applicationId, certificateIds)
      await noteApplication(writing, applicationId)
    },
  }
}

type PeopleWrites = Pick<
  RegistryTransaction,
  'putUser' | 'deleteUser' | 'putGroup' | 'deleteGroup' | 'putMembers'
>

const peopleWrites = (writing: Writing): PeopleWrites => {
  const { statements, domainId } = writing
  return {
    putUser: async (user) => {
      if (!user.active) await endConsoleAccess(statements, domainId, user)
      await userAccounts.put(statements, domainId, user)
    },
    deleteUser: async (id) => {
      await appGrants.deleteWhere(statements, domainId, { grantee_type: 'User', grantee_id: id })
      await leaveGroups(statements, domainId, { memberType: 'User', memberId: id })
      await deleteConsoleAccount(statements, domainId, id)
      await userAccounts.deleteWhere(statements, domainId, { id })
    },
    putGroup: (group) => userGroups.put(statements, domainId, group),
    deleteGroup: async (id) => {
      const held = { grantee_type: 'Group', grantee_id: id }
      const clients = await clientsInGroup(statements, domainId, id)
      const grants = await appGrants.deleteWhere(statements, domainId, held)
      if (grants > 0) await noteClients(writing, clients)
      await replaceMembers(statements, domainId, id, [])
      await userGroups.deleteWhere(statements, domainId, { id })
    },
    putMembers: async (groupId, members) => {
      const foreign = members.find((member) => member.groupId !== groupId)
      if (foreign !== undefined) throw new Error('group_member: a member of another group')
      await noteClients(writing, await clientsInGroup(statements, domainId, groupId))
      await replaceMembers(statements, domainId, groupId, members)
      await noteClients(writing, await clientsInGroup(statements, domainId, groupId))
    },
  }
}

type CatalogWrites = Pick<
  RegistryTransaction,
  | 'putSettings'
  | 'putSigningKey'
  | 'deleteSigningKey'
  | 'putCustomClaim'
  | 'deleteCustomClaim'
  | 'putPartnerCertificate'
  | 'deletePartnerCertificate'
>

const catalogWrites = (writing: Writing): CatalogWrites => {
  const { statements, domainId, changes } = writing
  return {
    putSettings: async (settings) => {
      await putSettings(statements, domainId, settings)
      changes.catalog = true
    },
    putSigningKey: async (key) => {
      await signingKeyTable.put(statements, domainId, key)
      changes.catalog = true
    },
    deleteSigningKey: async (kid) => {
      await signingKeyTable.deleteWhere(statements, domainId, { kid })
      changes.catalog = true
    },
    putCustomClaim: async (claim) => {
      await customClaimTable.put(statements, domainId, claim)
      changes.catalog = true
    },
    deleteCustomClaim: async (id) => {
      await customClaimTable.deleteWhere(statements, domainId, { id })
      changes.catalog = true
    },
    putPartnerCertificate: async (certificate) => {
      await partnerCertificateTable.put(statements, domainId, certificate)
      changes.catalog = true
    },
    deletePartnerCertificate: async (id) => {
      await partnerCertificateTable.deleteWhere(statements, domainId, { id })
      changes.catalog = true
    },
  }
}

type EventWrites = Pick<RegistryTransaction, 'putRevocation' | 'putRetriedRequest' | 'audit'>

/** What is not part of the registry. */
const eventWrites = (statements: Statements, domainId: string): EventWrites => {
  return {
    putRetriedRequest: (request) => putRetriedRequest(statements, domainId, request),
    putRevocation: (revocation) => putRevocations(statements, domainId, [revocation]),
    audit: async (...events) => {
      if (events.length === 0) return
      const lines = events.map((event) => JSON.stringify(event))
      const at = events.map((event) => event.at)
      await appendPack(statements, domainId, packLines(lines, at))
    },
  }
}

/**
 * The registry of one domain inside a database transaction. Records what it made untrue in
 * `changes`, for `Database.transaction`'s `committed` to pass on.
 *
 * `attachCertificates` states the whole set: certificates not named are detached.
 *
 * @throws DuplicateRecord, from every `put`, when a unique key is broken
 */
export const openRegistryTransaction = (
  statements: Statements,
  domainId: string,
  changes: ChangeSet,
  dialect: Dialect = 'sqlite',
): RegistryTransaction => {
  const reader = readRegistry(statements, domainId, dialect)
  const writing = openWriting(statements, domainId, changes, reader)
  return {
    ...reader,
    ...applicationWrites(writing),
    ...roleWrites(writing),
    ...credentialWrites(writing),
    ...peopleWrites(writing),
    ...catalogWrites(writing),
    ...eventWrites(statements, domainId),
  }
}
