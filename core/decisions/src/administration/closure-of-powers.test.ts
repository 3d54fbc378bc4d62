/**
 * What an administrator can come to, by any sequence of changes that the deciders allow, is what
 * its role says and nothing more. The test lets it try every move, again and again, as itself and
 * as everybody whose credentials it came to set, until nothing new comes of it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import {
  type AdministrationEndpoint,
  administrationEndpoints,
  builtInRoles,
  identityDomainAdministrator,
} from './built-in-roles.ts'
import type { Stamp } from './change.ts'
import { mayUse } from './decide-access.ts'
import { decideApplicationReplacement } from './decide-application-change.ts'
import { decideSecretRegeneration } from './decide-credential-change.ts'
import { decideGrantCreation, type Grantee, mechanismsOf } from './decide-grant-change.ts'
import { decideGroupReplacement } from './decide-group-change.ts'
import { happeningEndpoints, mayBeTold } from './decide-happening-access.ts'
import { decideRoleReplacement } from './decide-role-change.ts'
import { decideUserReplacement } from './decide-user-change.ts'
import {
  applicationOf,
  client,
  groupOf,
  seed,
  stampOf,
  userOf,
  viewOf,
  wishOf,
} from './example-administration.ts'

const nothing = { audiences: [], clientIds: [] }

type Names = Set<string>

/** Who holds what, and whom the administrator under test has come to act as. */
interface World {
  /** Roles by application, user and group. */
  readonly held: Map<string, Names>
  /** Groups of applications and users. */
  readonly groups: Map<string, Names>
  readonly controlled: Set<string>
}

const roleNames = builtInRoles.map(({ name }) => name)
const roleNamed = (name: string) => seed.roles.find((each) => each.displayName === name) as AppRole
const applications = ['self', 'fresh', ...roleNames.map((name) => `app ${name}`)]
const users = ['user fresh', ...roleNames.map((name) => `user ${name}`)]
const groups = ['group fresh', ...roleNames.map((name) => `group ${name}`)]

const worldOf = (own: string): World => {
  const held = new Map<string, Names>()
  for (const id of [...applications, ...users, ...groups]) {
    const name = id.replace(/^(?:app|user|group) /, '')
    held.set(id, new Set(roleNames.includes(name) ? [name] : []))
  }
  held.set('self', new Set([own]))
  const memberships = [...applications, ...users].map((id) => [id, new Set<string>()] as const)
  return { held, groups: new Map(memberships), controlled: new Set(['self']) }
}

/** By itself or through a group: the most that anybody could make of a membership. */
const rolesOf = (world: World, id: string): readonly string[] => [
  ...new Set([
    ...(world.held.get(id) ?? []),
    ...[...(world.groups.get(id) ?? [])].flatMap((group) => [...(world.held.get(group) ?? [])]),
  ]),
]

const cellsOf = (names: readonly string[]): Names =>
  new Set([
    ...happeningEndpoints
      .filter((endpoint) => mayBeTold(names, endpoint))
      .map((endpoint) => `told ${endpoint}`),
    ...administrationEndpoints.flatMap((endpoint) =>
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
        .filter((method) => mayUse(names, endpoint, method))
        .map((method) => `${method} ${endpoint}`),
    ),
  ])

const appOf = (id: string): Application =>
  applicationOf({ id, clientId: id, displayName: id, client: client() })

/** One administrator at work: what it may ask for, and with which stamp. */
interface Actor {
  readonly world: World
  readonly roles: readonly string[]
  readonly stamp: Stamp
}

const may = (actor: Actor, endpoint: AdministrationEndpoint, method: string): boolean =>
  mayUse(actor.roles, endpoint, method)

const granteeOf = (id: string): Grantee => {
  if (users.includes(id)) return { type: 'User', record: userOf({ id }) }
  if (groups.includes(id)) return { type: 'Group', record: groupOf({ id }) }
  return { type: 'App', record: appOf(id) }
}

/** POST /Grants of every role to everybody. */
const grantEverything = (actor: Actor): void => {
  if (!may(actor, 'Grants', 'POST')) return
  for (const id of actor.world.held.keys()) {
    const grantee = granteeOf(id)
    for (const name of roleNames) {
      const role = roleNamed(name)
      const mechanism = mechanismsOf[grantee.type][0] as string
      const wish = { applicationId: role.applicationId, roleId: role.id, granteeId: id, mechanism }
      const made = decideGrantCreation(
        { ...wish, granteeType: grantee.type },
        { application: seed.application, role, grantee, existing: null },
        actor.stamp,
      )
      if (made.ok) actor.world.held.get(id)?.add(name)
    }
  }
}

/** PUT and PATCH /Groups/{id}: everybody into every group. */
const joinEverything = (actor: Actor): void => {
  if (!may(actor, 'Groups', 'PUT')) return
  const { world } = actor
  for (const group of groups) {
    const heldRoles = [...(world.held.get(group) ?? [])].map(roleNamed)
    for (const [id, memberships] of world.groups) {
      const memberType = users.includes(id) ? ('User' as const) : ('App' as const)
      const made = decideGroupReplacement(
        groupOf({ id: group }),
        {
          displayName: group,
          externalId: null,
          members: [{ memberType, memberId: id }],
          attributes: {},
        },
        {
          sameDisplayName: null,
          presentMembers: [],
          unknownMember: null,
          heldRoles,
          lost: nothing,
        },
        actor.stamp,
      )
      if (made.ok) memberships.add(group)
    }
  }
}

const regenerated = {
  overlapSeconds: 0,
  keepOthers: false,
  revokeTokens: false,
  secret: {
    id: 's',
    origin: 'minted' as const,
    digest: 'd',
    sealed: null,
    ending: '',
    label: '',
    expiresAtMs: null,
  },
}

/** Credentials set by whatever way: a secret, keys, certificates; an account's address. */
const takeOver = (actor: Actor): void => {
  const { world, stamp } = actor
  for (const id of applications) {
    const heldBuiltInRoles = rolesOf(world, id)
    const secret =
      may(actor, 'AppClientSecretRegenerator', 'POST') &&
      decideSecretRegeneration(appOf(id), { secrets: [], heldBuiltInRoles }, regenerated, stamp).ok
    const keys =
      may(actor, 'Apps', 'PUT') &&
      decideApplicationReplacement(
        appOf(id),
        wishOf({ clientId: null, displayName: id, certificateAliases: [] }),
        viewOf({ heldBuiltInRoles }),
        stamp,
      ).ok
    if (secret || keys) world.controlled.add(id)
  }
  for (const id of users) {
    const view = { sameUserName: null, heldBuiltInRoles: rolesOf(world, id) }
    const { version: _, createdAtMs: __, modifiedAtMs: ___, ...wish } = userOf({ id })
    const changed = may(actor, 'Users', 'PUT')
      ? decideUserReplacement(userOf({ id }), { ...wish, displayName: 'X' }, view, stamp)
      : null
    if (changed?.ok) world.controlled.add(id)
  }
  // the key of a trusted authority makes certificates in every name
  if (may(actor, 'OAuthPartnerCertificates', 'POST')) {
    for (const id of applications) world.controlled.add(id)
  }
}

const sizeOf = ({ held, groups: joined, controlled }: World): number =>
  controlled.size + [...held.values(), ...joined.values()].reduce((sum, { size }) => sum + size, 0)

const explore = (world: World): Names => {
  const reached: Names = new Set()
  for (let before = -1; before < sizeOf(world); ) {
    before = sizeOf(world)
    for (const id of [...world.controlled]) {
      const roles = rolesOf(world, id)
      for (const cell of cellsOf(roles)) reached.add(cell)
      const stamp = stampOf(...roles)
      const actor: Actor = { world, roles, stamp }
      takeOver(actor)
      grantEverything(actor)
      joinEverything(actor)
    }
  }
  return reached
}

test('the powers reachable from each role are those of its table', () => {
  for (const name of roleNames) {
    const world = worldOf(name)
    const reached = explore(world)
    assert.deepEqual([...reached].toSorted(), [...cellsOf([name])].toSorted(), name)
  }
})

test('the exploration is able to find more: it does when one rule is left out', () => {
  const world = worldOf('User Administrator')
  world.controlled.add('app Application Administrator')
  assert.ok(explore(world).size > cellsOf(['User Administrator']).size)
  const whole = explore(worldOf(identityDomainAdministrator))
  assert.equal(whole.size, administrationEndpoints.length * 5 + happeningEndpoints.length)
})

test('whoever makes roles and scopes cannot make one that opens the domain', () => {
  const wish = {
    displayName: 'Application Administrator',
    description: null,
    conferredScopes: ['urn:opc:idm:t.settings'],
    adminRole: true,
    availableToClients: true,
    availableToUsers: true,
    availableToGroups: true,
    public: true,
  }
  const own = stampOf(identityDomainAdministrator)
  const builtIn = { application: seed.application, sameName: null, held: nothing }
  const present = roleNamed('Application Administrator')
  assert.ok(!decideRoleReplacement(present, wish, builtIn, own).ok)
  const allowed = wishOf({
    clientId: null,
    displayName: 'fresh',
    client: client({
      policy: {
        trustScope: 'Account',
        allowedScopes: [
          `urn:opc:lbaas:logicalguid=${seed.application.domain}urn:opc:idm:t.settings`,
        ],
        allowedTags: [],
      },
    }),
  })
  const result = decideApplicationReplacement(appOf('fresh'), allowed, viewOf(), own)
  assert.equal(!result.ok && result.failure.reason, 'VALUE_RESERVED')
})
