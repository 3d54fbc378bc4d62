import type { AppRole } from '@mintmark/registry/app-role'
import type { Application, ClientFacet, ResourceServerFacet } from '@mintmark/registry/application'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import type { Grant } from '@mintmark/registry/grant'
import type { Group, GroupMember } from '@mintmark/registry/group'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import type { SearchedNouns } from '@mintmark/registry/registry'
import { foldText, type SearchValue } from '@mintmark/registry/search-definition'
import type { User } from '@mintmark/registry/user'
import {
  sampleClaim,
  sampleGroup,
  samplePartnerCertificate,
  sampleUser,
} from './contract-people.ts'
import {
  domainA,
  sampleApplication,
  sampleCertificate,
  sampleClient,
  sampleGrant,
  sampleResourceServer,
  sampleRole,
} from './contract-records.ts'

/** Texts that databases and languages might see differently. */
export const oddTexts: readonly string[] = [
  '',
  'a',
  'A',
  'ab',
  'Ab%_b',
  'é',
  'e\u0301',
  'ÉCOLE',
  'İstanbul',
  'ß',
  '\ud7ff',
  '\uffff',
  '😀',
  '\u{10ffff}',
  "it's",
  '"quoted"',
  'back\\slash',
  '$.name',
  'a\0b',
  '\ud800',
  '2030-01-01T00:00:00.000Z',
  'true',
  '1',
]

/** Chance that is the same for the same seed. */
interface Draw {
  readonly below: (limit: number) => number
  readonly of: <Value>(values: readonly Value[]) => Value
  readonly text: () => string
  readonly flag: () => boolean
  readonly orNull: <Value>(make: () => Value) => Value | null
  readonly several: <Value>(make: () => Value) => readonly Value[]
}

const multiplier = 1_664_525
const increment = 1_013_904_223

const startDraw = (seed: number): Draw => {
  let state = seed >>> 0
  const below = (limit: number): number => {
    state = (Math.imul(state, multiplier) + increment) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const of = <Value>(values: readonly Value[]): Value => {
    const index = below(values.length)
    if (index >= values.length) throw new Error('sample: nothing to choose from')
    return values[index] as Value
  }
  return {
    below,
    of,
    text: () => of(oddTexts),
    flag: () => below(2) === 1,
    orNull: (make) => (below(3) === 0 ? null : make()),
    several: (make) => Array.from({ length: below(4) }, make),
  }
}

const many = <Value>(count: number, make: (index: number) => Value): readonly Value[] =>
  Array.from({ length: count }, (_, index) => make(index))

const drawClient = (draw: Draw): ClientFacet => ({
  ...sampleClient,
  clientType: draw.of(['confidential', 'trusted']),
  operations: draw.several(() => draw.of(['introspect', 'onBehalfOfUser'])),
  jwksUri: draw.orNull(draw.text),
  certificateBoundTokens: draw.flag(),
  dpopBoundTokens: draw.flag(),
  policy: {
    trustScope: draw.of(['Explicit', 'Tags']),
    allowedScopes: draw.several(draw.text),
    allowedTags: draw.several(() => ({ key: draw.text(), value: draw.text() })),
  },
})

const drawResourceServer = (draw: Draw): ResourceServerFacet => ({
  ...sampleResourceServer,
  audience: draw.text(),
  secondaryAudiences: draw.several(draw.text),
  tokenLifetimeSeconds: draw.orNull(() => draw.of([1, 60, 3600])),
  scopes: draw.several(() => ({
    value: draw.text(),
    displayName: draw.orNull(draw.text),
    description: draw.orNull(draw.text),
    requiresConsent: draw.flag(),
  })),
})

const keptAttributes: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { isLoginTarget: false, serviceTypeURN: 'Urn:X', showInMyApps: 'no boolean' },
  { idcsCreatedBy: { value: 'User-1', display: 'Zoë' }, constructor: 'x' },
]

/** Records of every noun that belong together, and what they are related to. */
export interface SampleWorld {
  readonly nouns: { readonly [Noun in keyof SearchedNouns]: readonly SearchedNouns[Noun][] }
  readonly members: readonly GroupMember[]
  /** Ids of certificates by application. */
  readonly attached: ReadonlyMap<string, readonly string[]>
}

const drawApplications = (draw: Draw): readonly Application[] =>
  many(40, (index) =>
    sampleApplication(domainA, `${index}${index % 2 === 0 ? 'Name' : 'name'}`, {
      id: index === 0 ? 'IDCSAppId' : `id-${index}`,
      displayName: `${draw.text()}${index}`,
      description: draw.orNull(draw.text),
      active: draw.flag(),
      tags: draw.several(() => ({ key: draw.text(), value: draw.text() })),
      client: draw.orNull(() => drawClient(draw)),
      resourceServer: draw.orNull(() => drawResourceServer(draw)),
      createdAtMs: draw.of([1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000]),
      attributes: draw.of(keptAttributes),
    }),
  )

const drawRoles = (draw: Draw, applications: readonly Application[]): readonly AppRole[] =>
  many(20, (index) =>
    sampleRole(domainA, draw.of(applications.slice(0, 5)).id, `r${index}`, {
      displayName: `${draw.text()}${index}`,
      description: draw.orNull(draw.text),
      conferredScopes: draw.several(draw.text),
      adminRole: draw.flag(),
    }),
  )

const drawUsers = (draw: Draw): readonly User[] =>
  many(20, (index) =>
    sampleUser(domainA, `${oddTexts[index] ?? ''}${index}`, {
      id: `u${index}`,
      displayName: draw.orNull(draw.text),
      externalId: draw.orNull(draw.text),
      givenName: draw.orNull(draw.text),
      active: draw.flag(),
      emails: draw.several(() => ({
        value: draw.text(),
        type: draw.orNull(draw.text),
        primary: draw.flag(),
      })),
      attributes: draw.of([{}, { title: 'Dr', locale: 7 }]),
    }),
  )

const drawGroups = (draw: Draw): readonly Group[] =>
  many(8, (index) =>
    sampleGroup(domainA, `g${index}`, {
      displayName: `${draw.text()}${index}`,
      externalId: draw.orNull(draw.text),
    }),
  )

const onlyOnce = <Value>(values: readonly Value[]): readonly Value[] => [
  ...new Map(values.map((each) => [JSON.stringify(each), each])).values(),
]

/** Some members are gone: their rows stay without a name. */
const drawMembers = (
  draw: Draw,
  { group, user, application }: Pick<SampleWorld['nouns'], 'group' | 'user' | 'application'>,
): readonly GroupMember[] =>
  onlyOnce(
    many(40, (): GroupMember => {
      const groupId = draw.of(group).id
      return draw.flag()
        ? { groupId, memberType: 'User', memberId: draw.of(['gone', ...user.map(({ id }) => id)]) }
        : { groupId, memberType: 'App', memberId: draw.of(application).id }
    }),
  )

const drawGrants = (
  draw: Draw,
  roles: readonly AppRole[],
  applications: readonly Application[],
): readonly Grant[] => {
  const made = many(60, () => {
    const role = draw.of(roles)
    const granteeId = draw.of(applications).id
    const granteeType = draw.of(['App', 'User'] as const)
    const id = `${role.id}-${granteeId}-${granteeType}`
    return sampleGrant(role, granteeId, { id, granteeType, grantorId: draw.orNull(draw.text) })
  })
  return [...new Map(made.map((each) => [each.id, each])).values()]
}

const drawCertificates = (draw: Draw): readonly ClientCertificate[] =>
  many(8, (index) =>
    sampleCertificate(domainA, `${draw.text()}${index}`, {
      id: `c${index}`,
      x5tS256: `Thumb${index}`,
    }),
  )

const drawPartners = (draw: Draw): readonly PartnerCertificate[] =>
  many(5, (index) =>
    samplePartnerCertificate(domainA, `${draw.text()}${index}`, {
      id: `P${index}`,
      x5tS256: `Thumb${index}`,
    }),
  )

const drawClaims = (draw: Draw): readonly CustomClaim[] =>
  many(8, (index) =>
    sampleClaim(domainA, `${index % 2 === 0 ? 'C' : 'c'}${index}`, {
      value: draw.text(),
      allScopes: draw.flag(),
      scopes: draw.several(draw.text),
    }),
  )

/** A world that is the same for the same seed. */
export const drawWorld = (seed: number): SampleWorld => {
  const draw = startDraw(seed)
  const application = drawApplications(draw)
  const role = drawRoles(draw, application)
  const user = drawUsers(draw)
  const group = drawGroups(draw)
  const certificate = drawCertificates(draw)
  const attached = application.map(({ id }) => {
    const ids = draw.several(() => draw.of(certificate).id)
    return [id, onlyOnce(ids)] as const
  })
  return {
    nouns: {
      application,
      role,
      grant: drawGrants(draw, role, application),
      certificate,
      partnerCertificate: drawPartners(draw),
      user,
      group,
      customClaim: drawClaims(draw),
    },
    members: drawMembers(draw, { group, user, application }),
    attached: new Map(attached),
  }
}

type Related = Readonly<Record<string, readonly SearchValue[]>>

const found = <Item extends { readonly id: string }>(items: readonly Item[], id: string): Item => {
  const item = items.find((each) => each.id === id)
  if (item === undefined) throw new Error(`sample: no ${id}`)
  return item
}

const nameOfMember = (world: SampleWorld, member: GroupMember): string | null => {
  const { user, application: all } = world.nouns
  if (member.memberType === 'App') {
    return all.find(({ id }) => id === member.memberId)?.displayName ?? null
  }
  const person = user.find(({ id }) => id === member.memberId)
  return person === undefined ? null : (person.displayName ?? person.userName)
}

const relatedOfApplication = (world: SampleWorld, id: string): Related => {
  const { grant, role, application: all, certificate } = world.nouns
  return {
    certificates: (world.attached.get(id) ?? []).map((each) => {
      const alias = foldText(found(certificate, each).alias)
      return { certAlias: alias, kid: alias }
    }),
    grantedAppRoles: grant
      .filter((each) => each.granteeType === 'App' && each.granteeId === id)
      .map((each) => {
        const held = found(role, each.roleId)
        return {
          value: held.id,
          display: foldText(held.displayName),
          appId: foldText(each.applicationId),
          appName: foldText(found(all, each.applicationId).displayName),
          adminRole: held.adminRole,
          type: 'direct',
        }
      }),
  }
}

const relatedOfRole = (world: SampleWorld, role: AppRole): Related => {
  const owner = found(world.nouns.application, role.applicationId)
  return {
    app: [{ display: foldText(owner.displayName), name: foldText(owner.clientId) }],
    members: world.nouns.grant
      .filter((each) => each.roleId === role.id)
      .map((each) => ({ value: each.granteeId, type: each.granteeType })),
  }
}

/** What a record's related lists hold, in the form of search documents. */
export const relatedOf = (world: SampleWorld, noun: keyof SearchedNouns, id: string): Related => {
  if (noun === 'application') return relatedOfApplication(world, id)
  if (noun === 'role') return relatedOfRole(world, found(world.nouns.role, id))
  if (noun === 'user') {
    const groups = world.members
      .filter((each) => each.memberType === 'User' && each.memberId === id)
      .map((each) => found(world.nouns.group, each.groupId))
    return {
      groups: groups.map((each) => ({ value: each.id, display: foldText(each.displayName) })),
    }
  }
  if (noun !== 'group') return {}
  const members = world.members.filter((each) => each.groupId === id)
  return {
    members: members.map((each): SearchValue => {
      const display = nameOfMember(world, each)
      const named = display === null ? {} : { display: foldText(display) }
      return { value: each.memberId, type: each.memberType, ...named }
    }),
  }
}
