import { fail, ok, type Result } from '@mintmark/protocol/result'
import type {
  ApiEntry,
  ApplicationEntry,
  ClaimEntry,
  DomainDocument,
  Entry,
  GroupEntry,
  SettingsEntry,
  StoredCertificateEntry,
  UserEntry,
} from './domain-document.ts'
import type { DomainSource, Mistake, Position } from './mistake.ts'
import { nameKey } from './name-key.ts'
import { readApi } from './read-api.ts'
import { readApplication } from './read-application.ts'
import { readClaim, readSettings, readStoredCertificate } from './read-domain-wide.ts'
import type { Fields } from './read-entry.ts'
import { readGroup, readUser } from './read-people.ts'
import { openFile, readFields, readItems, report } from './yaml-node.ts'

const sections = [
  'apis',
  'applications',
  'users',
  'groups',
  'claims',
  'certificates',
  'authorities',
  'settings',
]

interface Gathered {
  readonly apis: ApiEntry[]
  readonly applications: ApplicationEntry[]
  readonly users: UserEntry[]
  readonly groups: GroupEntry[]
  readonly claims: ClaimEntry[]
  readonly certificates: StoredCertificateEntry[]
  readonly authorities: StoredCertificateEntry[]
  settings: SettingsEntry | null
  readonly sections: Set<string>
}

const gatherFile = (fields: Fields, into: Gathered, source: DomainSource): void => {
  const items = (name: string) => readItems(fields.get(name))
  for (const name of fields.keys()) into.sections.add(name)
  into.apis.push(...items('apis').flatMap(readApi))
  into.applications.push(...items('applications').flatMap((item) => readApplication(item, source)))
  into.users.push(...items('users').flatMap(readUser))
  into.groups.push(...items('groups').flatMap(readGroup))
  into.claims.push(...items('claims').flatMap(readClaim))
  for (const name of ['certificates', 'authorities'] as const) {
    into[name].push(...items(name).flatMap((item) => readStoredCertificate(item, source)))
  }
  const settings = fields.get('settings')
  if (settings === undefined) return
  if (into.settings !== null) report(settings, 'There are settings already.')
  into.settings = readSettings(settings)
}

interface Placed {
  readonly at: Position
  readonly path: string
}

/** A name stands for one thing. */
const refuseRepeated = <Item extends Placed>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  mistakes: Mistake[],
): void => {
  const seen = new Map<string, Item>()
  for (const item of items) {
    const name = nameOf(item)
    const before = seen.get(nameKey(name))
    if (before !== undefined && name !== '') {
      const place = `${before.at.file}:${before.at.line}`
      const what = `"${name}" is there already (${place}).`
      mistakes.push({ at: item.at, path: `${item.path}.name`, what })
    }
    seen.set(nameKey(name), before ?? item)
  }
}

/** An API that asks for tokens too: `alsoApi` says that two entries are one application. */
const refuseStrangers = (
  apis: readonly ApiEntry[],
  applications: readonly ApplicationEntry[],
  mistakes: Mistake[],
): readonly Entry[] => {
  const names = new Set(apis.map(({ name }) => nameKey(name)))
  for (const { alsoApi, name, at, path } of applications) {
    if (!alsoApi || names.has(nameKey(name))) continue
    const what = `There is no "${name}" under apis.`
    mistakes.push({ at, path: `${path}.alsoApi`, what, fix: 'Leave alsoApi out.' })
  }
  return [...apis, ...applications.filter(({ alsoApi }) => !alsoApi)]
}

/** What is said of both sides, once: under `apis`. */
const asOne = (application: ApplicationEntry, apis: readonly ApiEntry[]): ApplicationEntry => {
  const key = nameKey(application.name)
  const api = application.alsoApi ? apis.find(({ name }) => nameKey(name) === key) : undefined
  if (api === undefined) return application
  const { name, clientId, description, active, tags, attributes } = api
  return { ...application, name, clientId, description, active, tags, attributes }
}

/**
 * Reads the files of a domain, and finds all that is wrong with them at once.
 * @returns the document, or every mistake with its place
 */
export const readDomainFile = (
  source: DomainSource,
): Result<DomainDocument, readonly Mistake[]> => {
  const mistakes: Mistake[] = []
  const read: Gathered = {
    apis: [],
    applications: [],
    users: [],
    groups: [],
    claims: [],
    certificates: [],
    authorities: [],
    settings: null,
    sections: new Set(),
  }
  for (const file of source.files) {
    const root = openFile(file, mistakes)
    if (root === null || root.node === null) continue
    const fields = readFields(root, sections)
    if (fields !== null) gatherFile(fields, read, source)
  }
  const named = refuseStrangers(read.apis, read.applications, mistakes)
  refuseRepeated(inOrderOfFiles(named, source), ({ name }) => name, mistakes)
  refuseRepeated(read.users, ({ userName }) => userName, mistakes)
  refuseRepeated(read.groups, ({ name }) => name, mistakes)
  for (const list of [read.certificates, read.authorities]) {
    refuseRepeated(list, ({ alias }) => alias, mistakes)
  }
  if (mistakes.length > 0) return fail(mistakes)
  return ok({ ...read, applications: read.applications.map((each) => asOne(each, read.apis)) })
}

const inOrderOfFiles = (entries: readonly Entry[], { files }: DomainSource): readonly Entry[] => {
  const order = new Map(files.map(({ name }, at) => [name, at]))
  return entries.toSorted((a, b) => (order.get(a.at.file) ?? 0) - (order.get(b.at.file) ?? 0))
}
