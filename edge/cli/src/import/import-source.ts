import { Document } from 'yaml'
import type { DomainSource } from '../domain-file/mistake.ts'
import type { Declared } from '../export/declare-app.ts'
import type { ImportedDomain } from './import-draft.ts'

/** So many entries in one request that the limits of a Bulk are far. */
const entriesMax = 50

/** A part of an import that is applied in one transaction. */
export interface ImportPart {
  readonly source: DomainSource
  readonly applications: number
}

const yamlOf = (values: Declared, comment?: string): string => {
  const document = new Document(values, { aliasDuplicateObjects: false })
  if (comment !== undefined) document.commentBefore = comment
  return document.toString({ lineWidth: 100 })
}

const listOf = (values: Declared, name: string): readonly Declared[] => {
  const list = values[name]
  return Array.isArray(list) ? list : []
}

/** The names of the APIs that an application needs to be there. */
const apisOf = (application: Declared): readonly string[] => [
  ...listOf(application, 'access').map(({ api }) => String(api)),
  ...(application['alsoApi'] === true ? [String(application['name'])] : []),
  ...(application['defaultApi'] === undefined ? [] : [String(application['defaultApi'])]),
]

/** The secret of the export in place of one that is minted. */
const withSecret = (application: Declared, file: string): Declared => {
  const said = application['authentication']
  const ways = typeof said === 'object' && said !== null ? (said as Declared) : {}
  const { secret: _, ...others } = ways
  return { ...application, authentication: { ...others, secretFile: file } }
}

const partOf = (
  values: Declared,
  applications: readonly Declared[],
  secrets: ReadonlyMap<string, string>,
): ImportPart => {
  const files = new Map<string, string>()
  const withSecrets = applications.map((application) => {
    const secret = secrets.get(String(application['name']))
    if (secret === undefined) return application
    const file = `secret-${files.size}`
    files.set(file, secret)
    return withSecret(application, file)
  })
  const text = yamlOf({ ...values, applications: withSecrets })
  const source: DomainSource = {
    files: [{ name: 'import', text }],
    readBeside: (_file, path) => {
      const secret = files.get(path)
      if (secret === undefined) throw new Error('an import has no files beside it')
      return secret
    },
  }
  return { source, applications: applications.length }
}

const inParts = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / entriesMax) }, (_, at) =>
    items.slice(at * entriesMax, (at + 1) * entriesMax),
  )

/**
 * An import as requests that the server takes: APIs that nobody uses first, then applications with
 * the APIs that they need. APIs that several parts name are the same in each, so they stay as they
 * are after the first.
 * @param secrets by the name of the application; empty: they are minted
 */
export const partsOfImport = (
  imported: ImportedDomain,
  secrets: ReadonlyMap<string, string>,
): readonly ImportPart[] => {
  const { apis, applications, others } = imported
  const used = new Set(applications.flatMap(apisOf))
  const unused = inParts(apis.filter(({ name }) => !used.has(String(name))))
  return [
    ...unused.map((some) => partOf({ ...others, apis: some }, [], secrets)),
    ...inParts(applications).map((some) => {
      const names = new Set(some.flatMap(apisOf))
      const needed = apis.filter(({ name }) => names.has(String(name)))
      return partOf({ ...others, apis: needed }, some, secrets)
    }),
  ]
}

/** The import as one domain file. It holds no secrets: nothing that is printed does. */
export const textOfImport = ({ others, apis, applications }: ImportedDomain, heading: string) =>
  yamlOf({ ...others, apis, applications }, heading)
