import type { SnippetFacts } from './snippet-facts.ts'

const single = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

const proofs = {
  secret: '  // the secret: MINTMARK_CLIENT_SECRET, or MINTMARK_CLIENT_SECRET_FILE',
  certificate:
    '  // MINTMARK_CERTIFICATE_FILE and MINTMARK_CERTIFICATE_KEY_FILE name what it shows',
  key: '  // MINTMARK_PRIVATE_KEY_FILE, and MINTMARK_KEY_ID, name what it signs with',
} as const

/** Node: the client of the SDK, which keeps and renews the token. */
export const nodeSnippet = (facts: SnippetFacts): string => {
  const { issuer, domainUrl, clientId, audience, scopes, proof } = facts
  const scope = scopes.length === 0 ? '' : `  scope: [${scopes.map(single).join(', ')}],\n`
  return `// npm install @mintmark/client
import { createClient } from '@mintmark/client'

const api = createClient({
  issuer: ${single(issuer)},
${domainUrl === null ? '' : `  domainUrl: ${single(domainUrl)},\n`}  clientId: ${single(clientId)},
  audience: ${single(audience)},
${scope}${proofs[proof]}
})

const url = process.argv[2] // what to call
if (url === undefined) console.log((await api.token()).value)
else console.log(await (await api.fetch(url)).text())
api.close()
`
}
