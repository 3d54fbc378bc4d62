import { type AccessMap, type Given, nameOf } from './access-map.ts'

export interface MapNode {
  readonly id: string
  readonly column: 0 | 1 | 2
  readonly label: string
  /** Ids of applications, or of APIs, that it stands for. */
  readonly members: readonly string[]
}

export interface MapLink {
  readonly from: string
  readonly to: string
  readonly used: boolean
  /** Tokens of 24 hours. */
  readonly tokens: number
}

export interface MapGraph {
  readonly nodes: readonly MapNode[]
  readonly links: readonly MapLink[]
  /** Whether nodes stand for several. */
  readonly grouped: boolean
}

/** More than so many nodes are drawn as groups. */
export const nodesMax = 60

interface Shape {
  readonly applicationOf: (id: string) => readonly [id: string, label: string]
  readonly middleOf: (api: string, name: string) => readonly [id: string, label: string]
}

const draw = (map: AccessMap, { applicationOf, middleOf }: Shape): Omit<MapGraph, 'grouped'> => {
  const nodes = new Map<string, MapNode & { readonly members: string[] }>()
  const links = new Map<string, MapLink>()
  const put = (column: MapNode['column'], [id, label]: readonly [string, string], of: string) => {
    const known = nodes.get(id) ?? { id, column, label, members: [] }
    if (!known.members.includes(of)) known.members.push(of)
    nodes.set(id, known)
    return id
  }
  const join = (from: string, to: string, { lastUsed, tokensInDay }: Given): void => {
    const id = `${from} > ${to}`
    const before = links.get(id)
    const used = lastUsed !== null || before?.used === true
    links.set(id, { from, to, used, tokens: (before?.tokens ?? 0) + tokensInDay })
  }
  const apis = new Map(map.apis.map((api) => [api.id, api.displayName]))
  for (const given of map.access) {
    const { application, api } = given
    const left = put(0, applicationOf(application), application)
    const middle = put(1, middleOf(api, nameOf(given)), api)
    const right = put(2, [`api ${api}`, apis.get(api) ?? api], api)
    join(left, middle, given)
    join(middle, right, given)
  }
  const sorted = [...nodes.values()].toSorted(
    (a, b) => a.column - b.column || a.label.localeCompare(b.label),
  )
  return { nodes: sorted, links: [...links.values()] }
}

/** Applications that were given the same are one; so is all that an API gives. */
const groupedShape = (map: AccessMap): Shape => {
  const apis = new Map(map.apis.map((api) => [api.id, api.displayName]))
  const reach = new Map<string, Set<string>>()
  for (const { application, api } of map.access) {
    reach.set(application, (reach.get(application) ?? new Set()).add(api))
  }
  const groups = new Map<string, number>()
  const groupOf = (id: string): string => [...(reach.get(id) ?? [])].toSorted().join(' ')
  for (const id of reach.keys()) groups.set(groupOf(id), (groups.get(groupOf(id)) ?? 0) + 1)
  return {
    applicationOf: (id) => {
      const count = groups.get(groupOf(id)) ?? 0
      const names = [...(reach.get(id) ?? [])].map((api) => apis.get(api) ?? api)
      return [`group ${groupOf(id)}`, `${count} of ${names.slice(0, 3).join(', ')}`]
    },
    middleOf: (api) => [`given ${api}`, `Scopes and roles of ${apis.get(api) ?? api}`],
  }
}

/** What is drawn: each by itself, or in groups where that were too many. */
export const layOut = (map: AccessMap): MapGraph => {
  const names = new Map(map.applications.map((each) => [each.id, each.displayName]))
  const whole = draw(map, {
    applicationOf: (id) => [`app ${id}`, names.get(id) ?? id],
    middleOf: (api, name) => [`given ${api} ${name}`, name],
  })
  if (whole.nodes.length <= nodesMax) return { ...whole, grouped: false }
  return { ...draw(map, groupedShape(map)), grouped: true }
}

/** How thick a line is drawn: by the order of magnitude of what went along it. */
export const thicknessOf = ({ used, tokens }: MapLink): number =>
  used ? 2 + Math.min(6, 1.5 * Math.log10(1 + tokens)) : 1.2

/** All that lies on a path through a node: to the left of it and to the right. */
export const pathThrough = ({ links }: MapGraph, id: string): ReadonlySet<string> => {
  const found = new Set([id])
  const leftOf = (at: string): void => {
    for (const { from, to } of links) {
      if (to !== at) continue
      found.add(from)
      leftOf(from)
    }
  }
  const rightOf = (at: string): void => {
    for (const { from, to } of links) {
      if (from !== at) continue
      found.add(to)
      rightOf(to)
    }
  }
  leftOf(id)
  rightOf(id)
  return found
}
