/*
 * A caller of an Oracle identity domain, or of a server that speaks like one. The domain is found
 * by its URL and calls itself otherwise; scopes are joined with their audience; certificate and
 * secret are shown together at the secure domain URL.
 *
 *   MINTMARK_DOMAIN_URL    https://idcs-….identity.oraclecloud.com
 *   MINTMARK_ISSUER        https://identity.oraclecloud.com/
 *   MINTMARK_CLIENT_ID, MINTMARK_CLIENT_SECRET_FILE,
 *   MINTMARK_CERTIFICATE_FILE, MINTMARK_CERTIFICATE_KEY_FILE, MINTMARK_AUDIENCE
 *
 * Leave the certificate out where the domain wants the secret alone.
 */
import { createClient } from '@mintmark/client'

const client = createClient({
  audienceStyle: 'scope',
  scope: 'orders.read',
  onEvent: (event) => console.error(JSON.stringify(event)),
})

// For another HTTP library: the token itself.
const token = await client.token()
const response = await fetch(`${process.env.MINTMARK_AUDIENCE}/42`, {
  headers: { authorization: `${token.type} ${token.value}` },
})
console.log(response.status, await response.text())
process.exitCode = response.ok ? 0 : 1
client.close()
