import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import type { ApplicationView, ApplicationWish } from './application-wish.ts'
import { checkClientFacet } from './decide-client-facet.ts'
import { checkResourceServerFacet } from './decide-resource-server-facet.ts'

export const displayNameCharsMax = 125
export const descriptionCharsMax = 1000
export const certificatesMax = 20
export const tagsMax = 100

type Check = Result<null, AdministrationRefusal>

/** Needs no escaping, neither in Basic nor in forms. */
const chosenClientId = /^[A-Za-z0-9_.-]{1,100}$/
/** RFC 6749 Appendix A.1: VSCHAR. What another server gave out must not change for its callers. */
const importedClientId = /^[\x20-\x7e]{1,100}$/

/** In front of the name of a user where applications are called by their client id. */
const userPrefix = 'user:'

const checkNames = (wish: ApplicationWish, view: ApplicationView): Check => {
  const { displayName, clientId } = wish
  if (displayName.trim() === '' || /\p{Cc}/u.test(displayName)) {
    return refuseChange('VALUE_INVALID', 'displayName must be a readable name.', {
      at: 'displayName',
    })
  }
  if (displayName.length > displayNameCharsMax) {
    return refuseChange(
      'VALUE_TOO_LONG',
      `displayName has at most ${displayNameCharsMax} characters.`,
      {
        at: 'displayName',
      },
    )
  }
  if (view.sameDisplayName !== null) {
    return refuseChange('VALUE_TAKEN', `There is an application "${displayName}" already.`, {
      why: `Its id is ${view.sameDisplayName.id}.`,
      at: 'displayName',
    })
  }
  const isImported = wish.clientIdImported === true
  if (clientId !== null && !(isImported ? importedClientId : chosenClientId).test(clientId)) {
    return refuseChange('VALUE_INVALID', `"${clientId.slice(0, 100)}" cannot be a client id.`, {
      why: isImported
        ? 'An imported one has 1 to 100 printable ASCII characters (RFC 6749 Appendix A.1).'
        : 'A chosen one has 1 to 100 of A-Z a-z 0-9 _ . and -.',
      at: 'name',
    })
  }
  if (clientId?.startsWith(userPrefix)) {
    return refuseChange('VALUE_RESERVED', `A client id cannot begin with "${userPrefix}".`, {
      why: 'The record would take it for a user.',
      at: 'name',
    })
  }
  if (view.sameClientId !== null) {
    return refuseChange('VALUE_TAKEN', `The client id "${clientId}" is taken.`, { at: 'name' })
  }
  return ok(null)
}

const checkText = (wish: ApplicationWish): Check => {
  if ((wish.description?.length ?? 0) > descriptionCharsMax) {
    return refuseChange(
      'VALUE_TOO_LONG',
      `description has at most ${descriptionCharsMax} characters.`,
      {
        at: 'description',
      },
    )
  }
  if (wish.tags.length > tagsMax) {
    return refuseChange('VALUE_INVALID', `At most ${tagsMax} tags.`, { at: 'tags' })
  }
  return ok(null)
}

const checkCertificates = (wish: ApplicationWish, view: ApplicationView): Check => {
  const at = 'certificates'
  if (wish.certificateAliases.length > certificatesMax) {
    return refuseChange('VALUE_INVALID', `At most ${certificatesMax} certificates.`, { at })
  }
  if (wish.certificateAliases.length > 0 && wish.client === null) {
    return refuseChange('NOT_A_CLIENT', 'Only a client has certificates.', { at })
  }
  for (const alias of wish.certificateAliases) {
    if (!view.certificatesByAlias.has(alias)) {
      const known = didYouMean(alias, view.certificatesByAlias.keys())
      return refuseChange('REFERENCE_UNKNOWN', `No certificate has the alias "${alias}".`, {
        fix: known ?? 'Upload it first: POST /admin/v1/OAuthClientCertificates.',
        at,
      })
    }
  }
  return ok(null)
}

/**
 * Judges what an application is wished to be, by itself and against what is registered.
 * @param ownId its id; null while it does not exist yet
 */
export const checkApplicationWish = (
  wish: ApplicationWish,
  view: ApplicationView,
  ownId: string | null,
): Check => {
  const own = { id: ownId, resourceServer: wish.resourceServer }
  for (const check of [
    () => checkNames(wish, view),
    () => checkText(wish),
    () => checkCertificates(wish, view),
    () => (wish.client === null ? ok(null) : checkClientFacet(wish.client, own, view)),
    () =>
      wish.resourceServer === null
        ? ok(null)
        : checkResourceServerFacet(wish.resourceServer, ownId, view),
  ]) {
    const result = check()
    if (!result.ok) return result
  }
  return ok(null)
}
