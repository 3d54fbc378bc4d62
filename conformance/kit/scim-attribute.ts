/** The facts about SCIM attributes as records, with what differs here written over them. */
import { type AttributeFact, attributeFacts } from '../rows/scim-attributes.ts'
import { type Divergence, divergences } from '../rows/scim-divergences.ts'

export type ResourceName = Exclude<keyof typeof attributeFacts, 'common'>

export type { AttributeFact } from '../rows/scim-attributes.ts'

const characteristics = (head: string): Omit<AttributeFact, 'path'> => {
  const [type = '', mutability = '-', returned = '-', ...flags] = head.split(' ')
  const isSaid = (flag: string): boolean => flags.includes(flag)
  return {
    type: type.replace('[]', ''),
    isMany: type.endsWith('[]'),
    mutability: (mutability === '-' ? 'readWrite' : mutability) as AttributeFact['mutability'],
    returned: (returned === '-' ? 'default' : returned) as AttributeFact['returned'],
    isRequired: isSaid('required'),
    isUnique: isSaid('unique'),
    isExact: isSaid('exact') ? true : isSaid('folded') ? false : null,
    isSearchable: isSaid('searchable'),
    isExtension: type === 'extension',
    isRefused: false,
    isValueless: false,
    isPassedOver: false,
    isStaying: false,
    hasConstantPart: false,
    isApart: false,
  }
}

const parse = (text: string): readonly AttributeFact[] =>
  text
    .replaceAll(/\n {4,}/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const at = line.indexOf(': ')
      const facts = characteristics(line.slice(0, at))
      return line
        .slice(at + 2)
        .trim()
        .split(/\s+/)
        .map((path) => ({ path, ...facts }))
    })

/** Nothing is said of a single object itself: it can be changed as far as its parts can. */
const mutabilityOf = (
  { type, isMany, mutability }: AttributeFact,
  parts: readonly AttributeFact[],
): AttributeFact['mutability'] => {
  if (type !== 'complex' || isMany || parts.length === 0) return mutability
  const written = parts.filter((part) => part.mutability !== 'readOnly')
  if (written.length === 0) return 'readOnly'
  return written.every((part) => part.mutability === 'immutable') ? 'immutable' : mutability
}

const withParts = (fact: AttributeFact, all: readonly AttributeFact[]): AttributeFact => {
  const parts = all.filter(({ path }) => path.startsWith(`${fact.path}.`))
  const hasConstantPart = parts.some(({ returned }) => returned === 'always')
  return { ...fact, mutability: mutabilityOf(fact, parts), hasConstantPart }
}

/** Divergences by `Resource.path`; `*.path` for every resource. */
export const divergenceOf = (resource: ResourceName, path: string): Divergence | undefined =>
  divergences.find(({ attributes }) =>
    attributes.some((each) => each === `${resource}.${path}` || each === `*.${path}`),
  )

/** What holds here of every attribute of a resource, sub-attributes included. */
export const factsOf = (resource: ResourceName): readonly AttributeFact[] => {
  const all = parse(`${attributeFacts.common}\n${attributeFacts[resource]}`)
  return all.map((fact) => ({
    ...withParts(fact, all),
    ...divergenceOf(resource, fact.path)?.here,
  }))
}
