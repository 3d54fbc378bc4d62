import { didYouMean } from '@mintmark/protocol/closest-name'
import type { Refusal, RefusalReason } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import type { ScopeTarget, Snapshot } from '@mintmark/registry/snapshot'
import { scopeCandidates } from './decide-scopes.ts'
import {
  type ExplainedStage,
  type ExplainedStep,
  explainedStages,
  type Situation,
} from './explanation.ts'
import { grantedScopes, heldRoles, mayHaveScope } from './granted-access.ts'
import { asksOf, requestedTarget } from './read-asks.ts'
import { tellAllowance } from './tell-allowance.ts'
import { tellCredential } from './tell-credential.ts'
import type { TokenDecision } from './token-plan.ts'

type Judged = Result<TokenDecision, Refusal>

/** At which point of the story a reason speaks. */
const stageOfReason: Readonly<Partial<Record<RefusalReason, ExplainedStage>>> = {
  CLIENT_UNKNOWN: 'client',
  CLIENT_PUBLIC: 'client',
  CLIENT_INACTIVE: 'active',
  CREDENTIALS_MISSING: 'credential',
  EXPIRED_SECRET: 'credential',
  OLD_SECRET: 'credential',
  METHOD_NOT_REGISTERED: 'method',
  GRANT_TYPE_MISSING: 'grant-type',
  GRANT_TYPE_UNSUPPORTED: 'grant-type',
  GRANT_TYPE_NOT_ALLOWED: 'grant-type',
  SCOPE_MALFORMED: 'request',
  EXPIRY_MALFORMED: 'request',
  SCOPE_STANDS_ALONE: 'request',
  TARGET_MALFORMED: 'request',
  TARGET_UNKNOWN: 'api',
  TARGET_AMBIGUOUS: 'api',
  TARGET_CONFLICT: 'api',
  SCOPE_UNKNOWN: 'scope-exists',
  SCOPE_NOT_GRANTED: 'scope-granted',
  SCOPE_NONE_AVAILABLE: 'scope-granted',
  SCOPES_OF_SEVERAL_APIS: 'one-api',
  BINDING_REQUIRED: 'binding',
  DPOP_REQUIRED: 'binding',
}

/** The steps that were gone, up to the one that refused. */
export const traceDecision = (situation: Situation, judged: Judged): readonly ExplainedStep[] => {
  const failing = judged.ok ? null : (stageOfReason[judged.failure.reason] ?? 'token')
  const steps: ExplainedStep[] = []
  for (const stage of explainedStages) {
    const isFailing = stage === failing
    const told = tellStage(stage, situation, judged, isFailing)
    if (told !== null) steps.push({ step: stage, ok: !isFailing, ...told })
    if (isFailing) break
  }
  return steps
}

type Told = Pick<ExplainedStep, 'what' | 'detail'>

const tellStage = (
  stage: ExplainedStage,
  situation: Situation,
  judged: Judged,
  isFailing: boolean,
): Told | null => {
  switch (stage) {
    case 'client':
    case 'active':
    case 'credential':
    case 'method':
      return tellClient(stage, situation, judged, isFailing)
    case 'scope-exists':
    case 'scope-granted':
      return tellScopes(stage, situation, judged, isFailing)
    default:
      return tellRequest(stage, situation, judged, isFailing)
  }
}

const detailOf = (judged: Judged, otherwise: string): string =>
  judged.ok ? otherwise : (judged.failure.detail ?? otherwise)

const tellClient = (
  stage: 'client' | 'active' | 'credential' | 'method',
  situation: Situation,
  judged: Judged,
  isFailing: boolean,
): Told => {
  const { application } = situation.snapshot.client
  const name = `'${application.displayName}' (client id ${application.clientId})`
  switch (stage) {
    case 'client': {
      const type = application.client?.clientType
      if (type === undefined) return { what: 'client', detail: `${name} asks for no tokens.` }
      return { what: 'client', detail: `${name} is a ${type} client.` }
    }
    case 'active': {
      const detail = isFailing ? `${name} is inactive.` : `${name} is active.`
      return { what: 'active', detail }
    }
    case 'credential':
      return { what: 'credential', detail: tellCredential(situation, judged) }
    case 'method': {
      const registered = application.client?.authenticationMethods ?? []
      const allowed =
        registered.length === 0 ? 'any method it has a credential for' : registered.join(', ')
      return { what: 'authentication method', detail: `Registered: ${allowed}.` }
    }
  }
}

const tellRequest = (
  stage: ExplainedStage,
  situation: Situation,
  judged: Judged,
  isFailing: boolean,
): Told | null => {
  const { request, snapshot } = situation
  switch (stage) {
    case 'grant-type': {
      const allowed = snapshot.client.application.client?.grantTypes.join(', ') || 'none'
      const sent = request.grantType === null ? 'none was sent' : `'${request.grantType}'`
      return { what: 'grant type', detail: `Asked: ${sent}; allowed: ${allowed}.` }
    }
    case 'request': {
      const asked = request.scope === null ? 'no scope' : `scope '${request.scope}'`
      const where = request.resources.map((each) => ` of '${each}'`).join('')
      const plain = `It asks for ${asked}${where}.`
      return { what: 'request', detail: isFailing ? detailOf(judged, plain) : plain }
    }
    case 'api':
      return { what: 'API', detail: isFailing ? detailOf(judged, '') : tellApis(situation, judged) }
    case 'one-api':
      return isFailing ? { what: 'one API a token', detail: detailOf(judged, '') } : null
    case 'binding':
      return tellBinding(judged, isFailing)
    case 'allowance':
      return judged.ok ? tellAllowance(judged.value) : null
    default:
      return tellToken(judged)
  }
}

const tellBinding = (judged: Judged, isFailing: boolean): Told | null => {
  const what = 'sender binding'
  if (isFailing) return { what, detail: detailOf(judged, '') }
  const bindings = judged.ok ? judged.value.tokens.map((each) => each.binding) : []
  const to = [
    ...(bindings.some((each) => each.certificateThumbprint) ? ['the client certificate'] : []),
    ...(bindings.some((each) => each.keyThumbprint) ? ['the key of the DPoP proof'] : []),
  ]
  return to.length > 0 ? { what, detail: `The token is bound to ${to.join(' and ')}.` } : null
}

const tellToken = (judged: Judged): Told | null => {
  if (!judged.ok) return { what: 'token', detail: detailOf(judged, judged.failure.reason) }
  const told = judged.value.tokens.map((each) => {
    const api = each.target.resourceServer?.application.displayName ?? 'every API in reach'
    const scopes = each.scopes.join(' ')
    return `${scopes} of ${api} for ${each.lifetimeSeconds} s, ${each.target.algorithm}`
  })
  return { what: 'token', detail: `${told.join('; ')}.` }
}

const nameOf = ({ resourceServer }: ScopeTarget): string =>
  `'${resourceServer.application.displayName}' (audience ${resourceServer.audience})`

const tellApis = (situation: Situation, judged: Judged): string => {
  if (judged.ok) {
    const names = judged.value.tokens.map(({ target }) => {
      const name = target.resourceServer?.application.displayName ?? 'every API in reach'
      return `'${name}' (audience ${target.audience.join(', ')})`
    })
    return `${names.join(', ')}.`
  }
  const target = requestedTarget(situation)
  if (target?.resourceServer)
    return `${nameOf({ resourceServer: target.resourceServer, scope: '' })}.`
  const found = asksOf(situation.request.scope).scopes.plain.flatMap((name) =>
    scopeCandidates(situation.snapshot, name, target).slice(0, 1).map(nameOf),
  )
  return found.length === 0 ? 'None is named.' : `${[...new Set(found)].join(', ')}.`
}

const tellScopes = (
  stage: 'scope-exists' | 'scope-granted',
  situation: Situation,
  judged: Judged,
  isFailing: boolean,
): Told | null => {
  const { snapshot, request } = situation
  const asks = asksOf(request.scope)
  if (stage === 'scope-exists') {
    if (isFailing) {
      return { what: 'scope', detail: tellUnknown(situation) }
    }
    const names = asks.scopes.plain
    if (names.length === 0) return null
    return { what: 'scope', detail: `Defined: ${names.map((each) => `'${each}'`).join(', ')}.` }
  }
  const what = 'scope granted'
  if (isFailing) return { what, detail: tellMissing(situation, judged) }
  if (!judged.ok) return { what, detail: 'Every scope asked for was given to this client.' }
  const told = judged.value.tokens.flatMap(({ target, scopes }) =>
    target.resourceServer === null
      ? scopes
      : scopes.map((scope) => `'${scope}' ${sourceOf(snapshot, target.resourceServer!, scope)}`),
  )
  return { what, detail: `${told.join('; ')}.` }
}

const scopesComparedMax = 5000

const tellUnknown = (situation: Situation): string => {
  const [name = ''] = asksOf(situation.request.scope).unknownNames(situation)
  const servers = [...situation.snapshot.catalog.byId.values()]
  const defining = servers.filter((server) => server.scopes.has(name)).slice(0, 3)
  if (defining.length > 0) {
    const names = defining.map((each) => `'${each.application.displayName}'`).join(', ')
    return (
      `A short name is read at the APIs that this client may use. '${name}' is of ${names}, ` +
      'where it was given nothing.'
    )
  }
  const known = servers.flatMap((server) => [...server.scopes])
  const hint = didYouMean(name, known.slice(0, scopesComparedMax))
  return `No API has '${name}'.${hint === undefined ? '' : ` ${hint}`}`
}

type Server = ScopeTarget['resourceServer']

/** Where a scope that the client may have comes from. */
const sourceOf = (snapshot: Snapshot, server: Server, scope: string): string => {
  const allowed = snapshot.client.application.client?.policy.allowedScopes ?? []
  const isDirect = server.audiences.some((each) =>
    allowed.includes(fullyQualifiedScope(each, scope)),
  )
  if (isDirect) return 'granted directly'
  const role = heldRoles(snapshot, server).find((each) => each.conferredScopes.includes(scope))
  if (role !== undefined) return `by the app role '${role.displayName}'`
  return mayHaveScope(snapshot, server, scope) ? 'by its issuance policy' : 'not granted'
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.slice(0, 20).join(', ')

/** What the client holds at the API of the refused scope, and what would have conferred it. */
const tellMissing = (situation: Situation, judged: Judged): string => {
  const { snapshot, request } = situation
  const target = requestedTarget(situation)
  const [name] = asksOf(request.scope).refusedNames(situation)
  const found = name === undefined ? [] : scopeCandidates(snapshot, name, target)
  const [first] = found
  if (first === undefined) return `${detailOf(judged, 'Nothing was given to this client here')}.`
  const { resourceServer, scope } = first
  if (!resourceServer.application.active) return `${nameOf(first)} is inactive.`
  const roles = heldRoles(snapshot, resourceServer).map((role) => role.displayName)
  const conferring = resourceServer.roles
    .filter((role) => role.conferredScopes.includes(scope))
    .map((role) => `'${role.displayName}'`)
  const byRole = conferring.length === 0 ? '' : `, or by the app role ${conferring.join(' or ')}`
  return (
    `'${name}' of ${nameOf(first)} is not granted. Scopes held: ` +
    `${listed(grantedScopes(snapshot, resourceServer))}; roles held: ${listed(roles)}. ` +
    `It would come from a grant of the scope${byRole}.`
  )
}
