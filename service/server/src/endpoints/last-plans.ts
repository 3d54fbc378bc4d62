import type { TokenDecision, TokenRequest } from '@mintmark/decisions/token/token-plan'
import type { Application } from '@mintmark/registry/application'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Catalog, ClientSnapshot, Snapshot } from '@mintmark/registry/snapshot'
import { createSeenLately } from '@mintmark/storage/seen-lately'
import { textHash } from '@mintmark/storage/text-hash'

/** What a request came to, and what of it goes on record. */
export interface Planned {
  readonly decision: TokenDecision
  readonly detail: Readonly<Record<string, unknown>>
  /** Of the credential, for the ids of the tokens. */
  readonly mark: string
  /** Under which the token is kept to be given again; null: it is not. */
  readonly reuseKey: string | null
}

interface LastPlan extends Planned {
  readonly application: Application
  readonly roleIds: ClientSnapshot['roleIds']
  readonly method: ClientProof['method']
  readonly grantType: TokenRequest['grantType']
  readonly scope: TokenRequest['scope']
}

const credentialsMax = 4096
const scopeCharsMax = 1000
const asksAgain = createSeenLately(credentialsMax)

/** Forgotten with the catalog that they were decided on. */
const plansOf = new WeakMap<Catalog, Map<string, LastPlan>>()

/** Bound tokens and those with `resource` are decided each time. */
const isPlain = ({ resources, scope }: TokenRequest, proof: ClientProof): boolean =>
  resources.length === 0 &&
  (scope === null || scope.length <= scopeCharsMax) &&
  proof.certificateThumbprint === null &&
  proof.keyThumbprint === null

/**
 * What the last request by this credential came to, if it said the same of the same client and
 * catalog, so that deciding (pure, as it is) would come to the same: clients ask for one thing
 * again and again. An object of the registry never changes; whatever has changed is another object.
 */
export const recallPlan = (
  request: TokenRequest,
  proof: ClientProof,
  { catalog, client }: Snapshot,
): Planned | null => {
  const last = plansOf.get(catalog)?.get(proof.credential)
  const isSame =
    last !== undefined &&
    last.application === client.application &&
    last.roleIds === client.roleIds &&
    last.method === proof.method &&
    last.scope === request.scope &&
    last.grantType === request.grantType &&
    isPlain(request, proof)
  return isSame ? last : null
}

/** Keeps what a request came to, if its credential comes again and again, for the next one. */
export const keepPlan = (
  request: TokenRequest,
  proof: ClientProof,
  { catalog, client }: Snapshot,
  planned: Planned,
): void => {
  if (!isPlain(request, proof) || !asksAgain(textHash(proof.credential))) return
  let plans = plansOf.get(catalog)
  if (plans === undefined) {
    plans = new Map()
    plansOf.set(catalog, plans)
  }
  if (plans.size >= credentialsMax) plans.clear()
  const { application, roleIds } = client
  const { grantType, scope } = request
  const { method, credential } = proof
  plans.set(credential, { ...planned, application, roleIds, method, grantType, scope })
}
