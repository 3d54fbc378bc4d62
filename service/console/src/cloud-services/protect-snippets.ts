/** What a program that protects an API has to know. */
export interface ProtectedApi {
  readonly issuer: string
  readonly audience: string
  /** One that a route demands. */
  readonly scope: string
}

export interface Snippet {
  readonly label: string
  readonly text: string
}

/** A text of JavaScript: nothing in it ends it. */
const js = (text: string): string => JSON.stringify(text).replaceAll('<', '\\u003c')

const options = ({ issuer, audience }: ProtectedApi): string =>
  `{\n  issuer: ${js(issuer)},\n  audience: ${js(audience)},\n}`

const guardOf = (door: string, api: ProtectedApi): string =>
  `import { guard } from '@mintmark/guard/${door}'\n\nconst auth = guard(${options(api)})`

/** One word of a shell: quoted so that nothing in it is run. */
const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Programs and files that protect an API, with its own values in them. */
export const protectSnippets = (api: ProtectedApi): readonly Snippet[] => {
  const scope = js(api.scope)
  return [
    {
      label: 'Express',
      text: `${guardOf('express', api)}

app.use(auth.metadata)
app.get('/orders', auth.requires(${scope}), (request, response) => {
  response.json({ for: request.caller.clientId })
})`,
    },
    {
      label: 'Fastify',
      text: `${guardOf('fastify', api)}

app.get('/orders', { onRequest: auth.requires(${scope}) }, (request) => ({
  for: request.caller.clientId,
}))`,
    },
    {
      label: 'Hono',
      text: `${guardOf('hono', api)}

app.get('/orders', auth.requires(${scope}), (context) =>
  context.json({ for: context.get('caller').clientId }),
)`,
    },
    {
      label: 'Node',
      text: `${guardOf('node', api)}

createServer(auth.requires(${scope}, (request, response, caller) => {
  response.end(caller.clientId)
})).listen(3000)`,
    },
    {
      label: 'Gateway (gateway.yaml)',
      text: `listen: 127.0.0.1:8490
upstream: http://127.0.0.1:3000
issuer: ${JSON.stringify(api.issuer)}
audience: ${JSON.stringify(api.audience)}
routes:
  - { path: /health, public: true }
  - { path: /**, scope: ${JSON.stringify(api.scope)} }`,
    },
    {
      label: 'nginx, Caddy, HAProxy, Traefik, Envoy',
      text: `# prints what the proxy needs, from the file above
${['nginx', 'caddy', 'haproxy', 'traefik', 'envoy']
  .map((proxy) => `mintmark gateway config -c gateway.yaml ${proxy}`)
  .join('\n')}`,
    },
    {
      label: 'Try it',
      text: `token=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials \\
  --data-urlencode scope=${word(api.audience + api.scope)} \\
  ${word(`${api.issuer}/oauth2/v1/token`)} | node -p 'JSON.parse(fs.readFileSync(0)).access_token')
curl -i -H "Authorization: Bearer $token" http://localhost:3000/orders`,
    },
  ]
}
