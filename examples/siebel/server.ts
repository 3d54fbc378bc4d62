/**
 * Siebel REST inbound with OAuth: it believes no signature, but asks the authorization server about
 * each token with credentials of its own, and opens a session for the USERID that the answer names.
 */
import { accountsFromFile } from '@mintmark/guard/account-sources'
import { type GuardedListener, guard } from '@mintmark/guard/node'
import { listenSecurely, sendJson, setting } from '../listen-securely.ts'

const url = setting('SIEBEL_URL', 'https://localhost:9443')
/** What an AI profile has: where to introspect, as whom, and how to read the answer. */
const profile = {
  introspectionUrl: setting('INTROSPECTION_URL', 'https://localhost:8482/oauth2/v1/introspect'),
  clientId: setting('SIEBEL_AI_CLIENT_ID'),
  clientSecret: setting('SIEBEL_AI_CLIENT_SECRET'),
  subjectField: setting('CUSTOM_SUBJECT_FIELD', 'sub'),
  sessionTimeoutMinutes: Number(setting('SESSION_TIMEOUT_MINUTES', '15')),
}

/** The API as tokens name it: callers may reach it under another address. */
const audience = setting('SIEBEL_AUDIENCE', `${url}/siebel/v1.0/`)

const auth = guard({
  issuer: setting('MINTMARK_ISSUER', 'http://localhost:8480'),
  audience,
  profile: 'identity-domain',
  realm: 'siebel',
  scopes: ['data', 'service'],
  clockSkewSeconds: 0,
  introspection: {
    endpoint: profile.introspectionUrl,
    clientId: profile.clientId,
    clientSecret: profile.clientSecret,
    subjectField: profile.subjectField,
    maxAgeSeconds: 0,
    statusWhenUnreachable: 401,
  },
  accounts: {
    find: accountsFromFile(setting('DIRECTORY_FILE', 'directory.json')),
    sessionSecondsMax: profile.sessionTimeoutMinutes * 60,
  },
  fetch: async (address, init) => {
    const answer = await fetch(address, init)
    console.log(`asked ${address}: ${answer.status}`)
    return answer
  },
  onEvent: (event) => console.log(JSON.stringify(event)),
})

const businessObjects: Readonly<Record<string, readonly object[]>> = {
  'Account/Account': [
    { Id: '1-ACME', Name: 'Acme Shipping', Status: 'Active' },
    { Id: '1-GLOBEX', Name: 'Globex Rail', Status: 'Active' },
  ],
  'Contact/Contact': [],
}

/** Who the request ran as, and until when the session lasts. */
const standing = ({ account, session }: Parameters<GuardedListener>[2]) => ({
  ranAs: account?.name,
  session: session?.id,
  sessionEnds: new Date((session?.endsAtSeconds ?? 0) * 1000).toISOString(),
})

const readData = auth.requires('data', (request, response, caller) => {
  const [name = ''] = (request.url ?? '').slice('/siebel/v1.0/data/'.length).split('?')
  const items = businessObjects[name]
  if (items === undefined) return sendJson(response, 404, { title: `No such object: ${name}` })
  // Siebel's way of saying that nothing was found.
  if (items.length === 0) return void response.writeHead(204).end()
  sendJson(response, 200, { ...standing(caller), items })
})

const runService = auth.requires('service', (_request, response, caller) => {
  sendJson(response, 200, { ...standing(caller), done: true })
})

listenSecurely(url, async (request, response) => {
  if (auth.metadata(request, response)) return
  const { method, url: path = '' } = request
  if (path.startsWith('/siebel/v1.0/data/') && method === 'GET') return readData(request, response)
  if (path.startsWith('/siebel/v1.0/service/') && method === 'POST') {
    return runService(request, response)
  }
  sendJson(response, 404, { title: 'There is nothing here' })
})
