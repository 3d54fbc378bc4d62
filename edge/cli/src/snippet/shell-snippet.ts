import { askedFor, type SnippetFacts, shellWord } from './snippet-facts.ts'

/** curl: with a secret it comes by standard input, so that no list of processes shows it. */
export const curlSnippet = (facts: SnippetFacts): string => {
  const { clientId, tokenEndpoint, proof } = facts
  const asked = `--data-urlencode ${shellWord(askedFor(facts).join('='))}`
  if (proof === 'certificate') {
    return `curl -sS --cert "$MINTMARK_CERTIFICATE_FILE" --key "$MINTMARK_CERTIFICATE_KEY_FILE" \\
  -d grant_type=client_credentials --data-urlencode ${shellWord(`client_id=${clientId}`)} \\
  ${asked} \\
  ${shellWord(tokenEndpoint)}
`
  }
  return `# MINTMARK_CLIENT_SECRET holds the secret
printf 'user = "%s:%s"\\n' ${shellWord(clientId)} "$MINTMARK_CLIENT_SECRET" |
  curl -sS -K - -d grant_type=client_credentials \\
    ${asked} \\
    ${shellWord(tokenEndpoint)}
`
}

const formText = (facts: SnippetFacts): string =>
  new URLSearchParams([['grant_type', 'client_credentials'], [...askedFor(facts)]]).toString()

/** A file of requests, as the REST Client of VS Code and others send it. */
export const httpSnippet = (facts: SnippetFacts): string => {
  const who = new URLSearchParams({ client_id: facts.clientId }).toString()
  return `# The secret is in the environment variable MINTMARK_CLIENT_SECRET.
@clientSecret = {{$processEnv MINTMARK_CLIENT_SECRET}}
@api = ${/^https?:/.test(facts.audience) ? facts.audience : 'https://api.example'}

# @name token
POST ${facts.tokenEndpoint}
Content-Type: application/x-www-form-urlencoded

${formText(facts)}&${who}&client_secret={{clientSecret}}

###
GET {{api}}
Authorization: Bearer {{token.response.body.access_token}}
`
}

/** A Postman collection v2.1: Postman itself gets the token; the secret is a variable. */
export const postmanSnippet = (facts: SnippetFacts): string => {
  const setting = (key: string, value: unknown) => ({ key, value, type: 'any' })
  const [name, value] = askedFor(facts)
  const isScope = name === 'scope'
  const more = { key: name, value, enabled: true, send_as: 'request_body' }
  const collection = {
    info: {
      name: `${facts.name} calls ${facts.apiName}`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: {
      type: 'oauth2',
      oauth2: [
        setting('grant_type', 'client_credentials'),
        setting('accessTokenUrl', facts.tokenEndpoint),
        setting('clientId', facts.clientId),
        setting('clientSecret', '{{clientSecret}}'),
        setting('scope', isScope ? value : ''),
        setting('tokenRequestParams', isScope ? [] : [more]),
        setting('client_authentication', 'header'),
        setting('addTokenTo', 'header'),
      ],
    },
    item: [{ name: facts.apiName, request: { method: 'GET', url: '{{api}}' } }],
    variable: [
      { key: 'clientSecret', value: '', type: 'string' },
      { key: 'api', value: facts.audience, type: 'string' },
    ],
  }
  return `${JSON.stringify(collection, null, 2)}\n`
}
