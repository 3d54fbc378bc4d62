import { tellToken } from '@mintmark/decisions/afterlife/tell-token'
import { revocationQuestion, wasIssuedTo } from '@mintmark/decisions/afterlife/token-facts'
import type { Catalog, ResourceServer } from '@mintmark/registry/snapshot'
import type { Services } from '../services.ts'
import { tokenCharsMax } from '../signing/read-token.ts'
import { findScope, findServer, type Read } from './access.ts'
import { type AnswerHappening, type HappeningAnswer, problem } from './happening.ts'
import { memberInvalid, readObject } from './read-object.ts'

const members = ['token', 'api', 'scope'] as const
const nameCharsMax = 8192

interface Wish {
  readonly token: string
  /** Empty: of any. */
  readonly api: string
  readonly scope: string
}

const textOf = (value: unknown, charsMax: number): string | null => {
  if (value === undefined) return ''
  return typeof value === 'string' && value.length <= charsMax ? value.trim() : null
}

const readWish = (bytes: Uint8Array): Read<Wish> => {
  const read = readObject(bytes, members, '{"token": "..."}')
  if ('fault' in read) return read
  const token = textOf(read.object['token'], tokenCharsMax)
  const api = textOf(read.object['api'], nameCharsMax)
  const scope = textOf(read.object['scope'], nameCharsMax)
  if (!token) return { fault: memberInvalid('token', 'Send the token itself, as one text.') }
  if (api === null) return { fault: memberInvalid('api', 'Send its audience, id or name.') }
  if (scope === null) return { fault: memberInvalid('scope', 'Send one scope of that API.') }
  if (api === '' && scope !== '') {
    return { fault: memberInvalid('scope', 'Say which API as well: api.') }
  }
  return { value: { token, api, scope } }
}

interface Use {
  readonly server: ResourceServer
  readonly scope: string | null
}

const findUse = async (
  { api, scope }: Wish,
  catalog: Catalog,
  services: Services,
): Promise<Read<Use | null>> => {
  if (api === '') return { value: null }
  const server = await findServer(api, catalog, services)
  if ('fault' in server) return ofMember(server.fault)
  if (scope === '') return { value: { server: server.value, scope: null } }
  const found = findScope(scope, server.value)
  if ('fault' in found) return ofMember(found.fault)
  return { value: { server: server.value, scope: found.value } }
}

/** The same words, of a member of the body. */
const ofMember = (fault: HappeningAnswer): { fault: HappeningAnswer } =>
  fault.kind === 'problem' ? { fault: problem('MEMBER_INVALID', fault.words) } : { fault }

/**
 * `POST /api/v1/tokens/verify`: would an API accept this token now, and why. The token is written
 * nowhere; what is told of it is what it says itself.
 */
export const verifyToken: AnswerHappening = async ({ body, services, nowMs }) => {
  const read = readWish(body)
  if ('fault' in read) return read.fault
  const catalog = await services.registry.catalog()
  const use = await findUse(read.value, catalog, services)
  if ('fault' in use) return use.fault
  const token = services.readToken(read.value.token, catalog)
  const issuedTo = token === null ? null : await services.registry.client(token.clientId)
  const application = issuedTo?.application ?? null
  const revoked =
    token !== null && (await services.isRevoked(revocationQuestion(token, application?.id ?? '')))
  const nowSeconds = Math.floor(nowMs / 1000)
  const told = tellToken(token, { issuedTo, revoked, nowSeconds, catalog }, use.value)
  const isOf = token !== null && application !== null && wasIssuedTo(token, application)
  return {
    kind: 'json',
    body: {
      ...told,
      jti: token?.jti ?? null,
      expiresAt: token === null ? null : new Date(token.expiresAtSeconds * 1000).toISOString(),
      client: isOf ? { id: application.id, displayName: application.displayName } : null,
    },
  }
}
