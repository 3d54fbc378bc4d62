import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { Names } from './app-view.ts'
import type { ApplicationEntry, DomainDocument } from './domain-document.ts'
import type { Mistake } from './mistake.ts'
import type { Plan, PlannedOperation } from './plan.ts'
import { type ApiPlan, type KnownApi, planApi, presentApi } from './plan-api.ts'
import { type ApplicationPlan, planApplication, type Surroundings } from './plan-application.ts'
import { type PresentState, textOf } from './present-state.ts'
import { nameKey } from './read-domain-file.ts'

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
    if (app['isOAuthResource'] !== true) continue
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

/** What is made before what names it; what is taken away, after the last one has let go of it. */
const inOrder = (
  apis: readonly ApiPlan[],
  applications: readonly ApplicationPlan[],
): readonly PlannedOperation[] => [
  ...applications.flatMap(({ certificates }) => certificates),
  ...apis.flatMap(({ first }) => first),
  ...apis.flatMap(({ roles }) => roles),
  ...applications.flatMap(({ app }) => app),
  ...applications.flatMap(({ grants }) => grants),
  ...apis.flatMap(({ last }) => last),
]

const tooMany = (operations: readonly PlannedOperation[]): readonly Mistake[] => {
  const first = operations[operationsMax]
  if (first === undefined) return []
  const count = operations.length
  const what = `This takes ${count} changes; one transaction has at most ${operationsMax}.`
  return [{ at: first.at, path: '', what, fix: 'Apply the files one after the other.' }]
}

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
  const apis = planApis(document, present)
  const known = knownApis(apis, present)
  const around: Surroundings = {
    findApi: (name) => known.get(nameKey(name)),
    apiNames: [...new Set([...document.apis.map(({ name }) => name), ...present.apiNames])],
    placeOf: (name) => {
      const entry = document.apis.find((each) => each.name === name)
      return entry === undefined ? undefined : `${entry.at.file}:${entry.at.line}`
    },
    names: namesOf(known),
    certificateAlias: createAliases(present),
    nowMs,
  }
  const applications = document.applications.map((entry, index) => {
    const app = present.apps.get(nameKey(entry.name))
    if (app === undefined) return planApplication(entry, index, null, around)
    const held = present.grants.get(textOf(app, 'id')) ?? []
    return planApplication(entry, index, { app, held }, around)
  })
  const operations = inOrder(apis, applications)
  const mistakes = [...apis, ...applications].flatMap((plan) => plan.mistakes)
  const all = [...mistakes, ...tooMany(operations)]
  if (all.length > 0) return fail(all)
  return ok({
    operations,
    lines: [...apis, ...applications].flatMap(({ lines }) => lines),
    secrets: applications.flatMap(({ secrets }) => secrets),
  })
}
