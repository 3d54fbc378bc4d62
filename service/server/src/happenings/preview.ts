import { explainTokenRequest } from '@mintmark/decisions/token/explain-token-request'
import type { Situation } from '@mintmark/decisions/token/explanation'
import {
  type ClientAuthenticationMethod,
  clientAuthenticationMethods,
} from '@mintmark/registry/application'
import type { AnswerHappening, HappeningAnswer } from './happening.ts'
import { problem } from './happening.ts'
import { memberInvalid, readObject } from './read-object.ts'
import { toldError, toldExplanation, toldTokens } from './story.ts'

const members = [
  'client',
  'scope',
  'resource',
  'grantType',
  'method',
  'certificate',
  'dpop',
] as const
const textCharsMax = 8192
const resourcesMax = 100

/** What somebody would like to know about a request that nobody sends. */
interface PreviewWish {
  /** Id, client id or display name. */
  readonly client: string
  readonly scope: string | null
  readonly resources: readonly string[]
  readonly grantType: string | null
  readonly method: ClientAuthenticationMethod | null
  /** Base64url SHA-256 of the certificate that it would come with. */
  readonly certificate: string | null
  /** RFC 7638 thumbprint of the key of its DPoP proof. */
  readonly dpop: string | null
}

type ReadWish = { readonly wish: PreviewWish } | { readonly fault: HappeningAnswer }

const invalid = (name: string, fix: string) => ({ fault: memberInvalid(name, fix) })

const textOf = (value: unknown): string | null | undefined => {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' && value.length <= textCharsMax ? value : undefined
}

const resourcesOf = (value: unknown): readonly string[] | undefined => {
  if (value === undefined || value === null) return []
  const list = Array.isArray(value) ? value : [value]
  const isRead = list.length <= resourcesMax && list.every((each) => typeof each === 'string')
  return isRead ? (list as string[]).filter((each) => each !== '') : undefined
}

const readWish = (bytes: Uint8Array): ReadWish => {
  const read = readObject(bytes, members, '{"client": "..."}')
  if ('fault' in read) return read
  const body = read.object
  const client = textOf(body['client'])
  if (!client) return invalid('client', 'Send the id, the client id or the name of an application.')
  const scope = textOf(body['scope'])
  if (scope === undefined) return invalid('scope', 'Send one text, scopes with a space between.')
  const resources = resourcesOf(body['resource'])
  if (resources === undefined) return invalid('resource', 'Send one text or a list of texts.')
  const grantType = 'grantType' in body ? textOf(body['grantType']) : 'client_credentials'
  if (grantType === undefined) return invalid('grantType', 'Send one text, or leave it out.')
  const method = textOf(body['method'])
  const known = clientAuthenticationMethods.find((each) => each === method) ?? null
  if (method !== null && known === null) {
    return invalid('method', `Send one of ${clientAuthenticationMethods.join(', ')}.`)
  }
  const certificate = textOf(body['certificate'])
  if (certificate === undefined) return invalid('certificate', 'Send its x5t#S256.')
  const dpop = textOf(body['dpop'])
  if (dpop === undefined) return invalid('dpop', 'Send the thumbprint of the key (RFC 7638).')
  return { wish: { client, scope, resources, grantType, method: known, certificate, dpop } }
}

/** `POST /api/v1/preview`: which token would this client get, and why. Nothing is issued. */
export const answerPreview: AnswerHappening = async ({ body, services, ecid, nowMs }) => {
  const read = readWish(body)
  if ('fault' in read) return read.fault
  const { wish } = read
  const clientId = await services.findClientId(wish.client)
  const client = clientId === null ? null : await services.registry.client(clientId)
  if (client === null) {
    return problem('CLIENT_UNKNOWN', {
      detail: `No application has the id, client id or name '${wish.client.slice(0, 200)}'.`,
      fix: 'GET /admin/v1/Apps lists them.',
    })
  }
  const situation: Situation = {
    request: { grantType: wish.grantType, scope: wish.scope, resources: wish.resources },
    proof: {
      method: wish.method,
      credential: null,
      certificateThumbprint: wish.certificate,
      keyThumbprint: wish.dpop,
    },
    snapshot: { catalog: await services.registry.catalog(), client },
    nowMs,
  }
  const explanation = explainTokenRequest(situation)
  const { id, displayName } = client.application
  return {
    kind: 'json',
    body: {
      client: { id, clientId, displayName },
      ...toldExplanation(explanation),
      error: toldError(explanation, ecid, services),
      tokens: toldTokens(situation, explanation, services),
    },
  }
}
