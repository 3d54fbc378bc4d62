/**
 * B2C Service with an external identity provider: an imported certificate checks the signatures,
 * its entity ID must be the issuer, and the caller must be a staff account of the site.
 */
import type { ServerResponse } from 'node:http'
import type { Caller, GuardAnswer, GuardReason } from '@mintmark/guard'
import { readRequirement } from '@mintmark/guard'
import { guard } from '@mintmark/guard/node'
import { nodeRequest } from '@mintmark/guard/node-request'
import { listenSecurely, sendJson, setting } from '../listen-securely.ts'
import { importedFrom } from './identity-provider.ts'
import { staffFrom } from './staff.ts'

const url = setting('B2C_URL', 'https://localhost:9445')
/** The REST address, as tokens name the site; a token for any other is refused. */
const audience = setting('B2C_AUDIENCE', `${url}/services/rest/`)
const find = staffFrom(setting('STAFF_FILE', 'staff.json'))
const metadataFile = setting('IDP_METADATA_FILE', 'metadata.xml')

const identityProvider = importedFrom(metadataFile, ({ entityId, certificates }) => {
  console.log(`imported ${metadataFile}: ${entityId}, ${certificates.length} certificates`)
  return guard({
    issuer: entityId,
    signingCertificates: () => certificates,
    audience,
    profile: 'identity-domain',
    realm: 'b2c-service',
    clockSkewSeconds: 0,
    accounts: { find },
    onEvent: (event) => console.log(JSON.stringify(event)),
  })
})
// A site without an import does not start.
identityProvider()

/** With a slash of its own where somebody registered the address without one, or twice. */
const need = readRequirement({ anyScope: ['all', '/all'] })
/** Refusals that a new import may mend. */
const aboutImport: ReadonlySet<GuardReason> = new Set([
  'KEY_UNKNOWN',
  'SIGNATURE_WRONG',
  'ISSUER_UNREACHABLE',
  'ISSUER_MISMATCH',
])
const reimport =
  "If the identity provider's signing key or issuer has changed, import its metadata " +
  '(/fed/v1/metadata) again.'

const refuse = (response: ServerResponse, answer: GuardAnswer, reason: GuardReason): void => {
  const problem = JSON.parse(answer.body)
  const fix = aboutImport.has(reason) ? { fix: reimport } : {}
  response.writeHead(answer.status, answer.headers)
  response.end(JSON.stringify({ ...problem, ...fix }))
}

const accountsOfSite = [
  { id: 1, lookupName: 'Ada Byron' },
  { id: 2, lookupName: 'Emmy Noether' },
]

const listAccounts = (response: ServerResponse, { account }: Caller): void => {
  if (account?.attributes?.['ssoLogin'] === true) {
    const body = { ranAs: account.name, items: accountsOfSite, hasMore: false }
    sendJson(response, 200, body)
  } else {
    const detail = `The profile of account ${account?.name} has no SSO login.`
    const title = 'The account may not sign in by a token'
    sendJson(response, 403, { title, status: 403, detail, reason: 'PROFILE_WITHOUT_SSO' })
  }
}

listenSecurely(url, async (request, response) => {
  const path = (request.url ?? '').split('?', 1)[0]
  if (request.method !== 'GET' || path !== '/services/rest/connect/v1.4/accounts') {
    return sendJson(response, 404, { title: 'There is nothing here' })
  }
  const verdict = await identityProvider().core.check(nodeRequest(request), need)
  if (verdict.ok) listAccounts(response, verdict.caller)
  else refuse(response, verdict.answer, verdict.refusal.reason)
})
