import { fail, ok, type Result } from '@mintmark/protocol/result'
import { apiBody } from './app-body.ts'
import type { Names } from './app-view.ts'
import type { ApplicationEntry, DomainDocument } from './domain-document.ts'
import type { Mistake } from './mistake.ts'
import { nameKey } from './name-key.ts'
import type { Plan, PlannedOperation } from './plan.ts'
import { type ApiPlan, type KnownApi, planApi, presentApi } from './plan-api.ts'
import { type ApplicationPlan, planApplication, type Surroundings } from './plan-application.ts'
import { type DomainWidePlan, planDomainWide } from './plan-domain-wide.ts'
import type { ApiNames } from './plan-grants.ts'
import { type PersonPlan, planPeople } from './plan-people.ts'
import { type PresentState, textOf } from './present-state.ts'

/** What one Bulk request takes; a plan is one transaction, so it cannot be cut in two. */
export const operationsMax = 1000

const planApis = (document: DomainDocument, present: PresentState): readonly ApiPlan[] =>
  document.apis.map((entry, index) => {
    const app = present.apps.get(nameKey(entry.name))
    const roles = app === undefined ? [] : (present.roles.get(textOf(app, 'id')) ?? [])
    return planApi(entry, index, app, roles)
  })

/** The APIs that the files define, and those that they only name. */
const knownApis = (
  plans: readonly ApiPlan[],
  present: PresentState,
): ReadonlyMap<string, KnownApi> => {
  const known = new Map<string, KnownApi>()
  for (const [key, app] of present.apps) {
    known.set(key, presentApi(app, present.roles.get(textOf(app, 'id')) ?? []))
  }
  for (const { known: api } of plans) known.set(nameKey(api.name), api)
  return known
}

const namesOf = (apis: ReadonlyMap<string, KnownApi>): Names => {
  const shortNames = new Map<string, string>()
  const byId = new Map<string, string>()
  for (const { id, name, audience, scopes } of apis.values()) {
    byId.set(id, name)
    for (const scope of scopes) shortNames.set(audience + scope, scope)
  }
  return {
    scope: (fqs) => shortNames.get(fqs) ?? fqs,
    api: (id) => byId.get(id) ?? id,
  }
}

const aliasOf = (entry: ApplicationEntry): string => {
  const { certificate } = entry.authentication
  const thumbprint = certificate?.thumbprint.slice(0, 8) ?? ''
  return certificate?.alias ?? `${entry.name} ${thumbprint}`
}

/** Two applications may share a certificate: it is uploaded once, under the first one's alias. */
const createAliases = (present: PresentState): Surroundings['certificateAlias'] => {
  const planned = new Map<string, string>()
  return (entry) => {
    const thumbprint = entry.authentication.certificate?.thumbprint ?? ''
    const stored = present.certificates.get(thumbprint) ?? planned.get(thumbprint)
    if (stored !== undefined) return { alias: stored, isNew: false }
    const alias = aliasOf(entry)
    planned.set(thumbprint, alias)
    return { alias, isNew: true }
  }
}

interface Plans {
  readonly wide: DomainWidePlan
  readonly apis: readonly ApiPlan[]
  readonly applications: readonly ApplicationPlan[]
  readonly people: readonly PersonPlan[]
}

/** What is made before what names it; what is taken away, after the last one has let go of it. */
const inOrder = ({ wide, apis, applications, people }: Plans): readonly PlannedOperation[] => [
  ...wide.first.flatMap(({ operations }) => operations),
  ...applications.flatMap(({ certificates }) => certificates),
  ...apis.flatMap(({ first }) => first),
  ...apis.flatMap(({ roles }) => roles),
  ...applications.flatMap(({ app }) => app),
  ...people.flatMap(({ record }) => record.operations),
  ...applications.flatMap(({ grants }) => grants),
  ...people.flatMap(({ grants }) => grants),
  ...wide.claims.flatMap(({ operations }) => operations),
  ...apis.flatMap(({ last }) => last),
]

const tooMany = (operations: readonly PlannedOperation[]): readonly Mistake[] => {
  const first = operations[operationsMax]
  if (first === undefined) return []
  const count = operations.length
  const what = `This takes ${count} changes; one transaction has at most ${operationsMax}.`
  return [{ at: first.at, path: '', what, fix: 'Apply the files one after the other.' }]
}

const planApplications = (
  document: DomainDocument,
  present: PresentState,
  apis: readonly ApiPlan[],
  around: Surroundings,
): readonly ApplicationPlan[] =>
  document.applications.map((entry, index) => {
    const key = nameKey(entry.name)
    const other = entry.alsoApi ? apis.find(({ known }) => nameKey(known.name) === key) : undefined
    const app = other?.standing ?? present.apps.get(key)
    if (app === undefined) return planApplication(entry, index, null, around)
    const held = present.grants.get(textOf(app, 'id')) ?? []
    const changedBefore = (other?.first.length ?? 0) > 0
    return planApplication(entry, index, { app, held, changedBefore }, around)
  })

/** What an API loses at the end, as the application that it is as well has become by then. */
const endOnTop = (
  apis: readonly ApiPlan[],
  applications: readonly ApplicationPlan[],
  document: DomainDocument,
): readonly ApiPlan[] =>
  apis.map((api, at) => {
    const entry = document.apis[at]
    const index = document.applications.findIndex(
      ({ alsoApi, name }) => alsoApi && nameKey(name) === nameKey(api.known.name),
    )
    const app = applications[index]
    if (entry === undefined || app === undefined || app.app.length === 0) return api
    const last = api.last.map(({ version: _, ...operation }) => ({
      ...operation,
      data: apiBody(entry, app.wanted, { scopes: [], audiences: [] }),
    }))
    return { ...api, last }
  })

const idsOfApplications = (
  document: DomainDocument,
  present: PresentState,
  apis: readonly ApiPlan[],
): ReadonlyMap<string, string> => {
  const ids = new Map<string, string>()
  document.applications.forEach(({ name }, at) => {
    ids.set(nameKey(name), `bulkId:app${at}`)
  })
  for (const { known } of apis) ids.set(nameKey(known.name), known.id)
  for (const [key, app] of present.apps) ids.set(key, textOf(app, 'id'))
  return ids
}

const roleNamesOf = (present: PresentState): ReadonlyMap<string, string> =>
  new Map(
    [...present.roles.values()]
      .flat()
      .map((role) => [textOf(role, 'id'), textOf(role, 'displayName')] as const),
  )

/**
 * Compares a domain file with what the server has.
 * @param nowMs tells which secrets still work
 * @returns the operations that make the server so, in an order in which they can be done, and the
 * diff; or every name that nothing has
 */
export const planDomainFile = (
  document: DomainDocument,
  present: PresentState,
  nowMs: number,
): Result<Plan, readonly Mistake[]> => {
  const planned = planApis(document, present)
  const known = knownApis(planned, present)
  const names: ApiNames = {
    findApi: (name) => known.get(nameKey(name)),
    apiNames: [...new Set([...document.apis.map(({ name }) => name), ...present.apiNames])],
    placeOf: (name) => {
      const entry = document.apis.find((each) => each.name === name)
      return entry === undefined ? undefined : `${entry.at.file}:${entry.at.line}`
    },
  }
  const certificateAlias = createAliases(present)
  const around = { ...names, names: namesOf(known), certificateAlias, nowMs }
  const applications = planApplications(document, present, planned, around)
  const apis = endOnTop(planned, applications, document)
  const people = planPeople(document, present, {
    ...names,
    applications: idsOfApplications(document, present, planned),
    roleNames: roleNamesOf(present),
  })
  const wide = planDomainWide(document, present)
  const operations = inOrder({ wide, apis, applications, people })
  const parts = [...wide.first, ...apis, ...applications, ...people, ...wide.claims]
  const mistakes = [...parts.flatMap((plan) => plan.mistakes), ...tooMany(operations)]
  if (mistakes.length > 0) return fail(mistakes)
  return ok({
    operations,
    lines: parts.flatMap(({ lines }) => lines),
    secrets: applications.flatMap(({ secrets }) => secrets),
    removed: [],
  })
}
