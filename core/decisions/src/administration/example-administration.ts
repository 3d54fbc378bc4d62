/** Records that the tables of these tests begin from. */
import type { Application, ClientFacet } from '@mintmark/registry/application'
import type { Group } from '@mintmark/registry/group'
import type { User } from '@mintmark/registry/user'
import {
  type ApplicationView,
  type ApplicationWish,
  defaultClientFacet,
  defaultResourceServerFacet,
} from './application-wish.ts'
import { seedDomain } from './built-in-application.ts'
import type { Stamp } from './change.ts'
import type { Administrator } from './decide-access.ts'
import { indexResourceServers } from './resource-server-index.ts'

export const domain = 'idcs-00000000000040008000000000000001'
export const seed = seedDomain({ id: domain, displayName: 'Default', createdAtMs: 0 }, 0)

export const administratorWith = (...roleNames: string[]): Administrator => ({
  applicationId: 'admin-id',
  clientId: 'admin',
  displayName: 'Admin',
  roleNames,
})

export const stampOf = (...roleNames: string[]): Stamp => ({
  domain,
  id: '0123456789ab40008000000000000002',
  nowMs: 1_000_000,
  administrator: administratorWith(...roleNames),
})

export const scope = (value: string) => ({
  value,
  displayName: null,
  description: null,
  requiresConsent: false,
})

export const applicationOf = (members: Partial<Application>): Application => ({
  domain,
  id: 'app-id',
  clientId: 'app-client',
  displayName: 'App',
  description: null,
  active: true,
  builtIn: false,
  tags: [],
  client: null,
  resourceServer: null,
  attributes: {},
  version: 3,
  createdAtMs: 0,
  modifiedAtMs: 0,
  ...members,
})

export const orders = applicationOf({
  id: 'orders-id',
  clientId: 'orders-client',
  displayName: 'Orders',
  resourceServer: {
    ...defaultResourceServerFacet('https://orders.example/'),
    secondaryAudiences: ['https://orders.internal/'],
    scopes: [scope('orders.read'), scope('orders.write')],
  },
})

export const client = (members: Partial<ClientFacet> = {}): ClientFacet => ({
  ...defaultClientFacet('confidential'),
  grantTypes: ['client_credentials'],
  ...members,
})

export const wishOf = (members: Partial<ApplicationWish>): ApplicationWish => ({
  clientId: 'billing',
  displayName: 'Billing',
  description: null,
  active: null,
  tags: [],
  client: client(),
  resourceServer: null,
  certificateAliases: [],
  attributes: {},
  ...members,
})

export const viewOf = (members: Partial<ApplicationView> = {}): ApplicationView => ({
  sameDisplayName: null,
  sameClientId: null,
  resourceServers: indexResourceServers([orders, seed.application]),
  reservedAudiences: ['https://id.example', 'https://id.example/oauth2/v1/token'],
  certificatesByAlias: new Map(),
  attachedCertificates: [],
  ownRoles: [],
  heldBuiltInRoles: [],
  otherDomainAdministrators: 1,
  scopeUsers: [],
  keyFault: () => null,
  ...members,
})

export const userOf = (members: Partial<User>): User => ({
  domain,
  id: 'user-id',
  userName: 'anna',
  displayName: 'Anna',
  externalId: null,
  active: true,
  givenName: 'Anna',
  familyName: 'Berg',
  emails: [{ value: 'anna@example.com', type: 'work', primary: true }],
  attributes: {},
  version: 3,
  createdAtMs: 0,
  modifiedAtMs: 0,
  ...members,
})

export const groupOf = (members: Partial<Group>): Group => ({
  domain,
  id: 'group-id',
  displayName: 'Staff',
  externalId: null,
  attributes: {},
  version: 3,
  createdAtMs: 0,
  modifiedAtMs: 0,
  ...members,
})
