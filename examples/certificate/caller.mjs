/*
 * A caller that shows a certificate in the handshake (tls_client_auth). The client finds the address
 * that asks for certificates in the server's metadata, and shows the certificate to the API too:
 * tokens can be bound to it (RFC 8705 §3), and then they are of no use to anybody else.
 *
 *   MINTMARK_ISSUER, MINTMARK_CLIENT_ID, MINTMARK_CERTIFICATE_FILE, MINTMARK_CERTIFICATE_KEY_FILE,
 *   MINTMARK_AUDIENCE, and MINTMARK_AUTHORITY_FILE where the servers' authority is not a public one
 */
import { createClient } from '@mintmark/client'

const client = createClient({ scope: 'orders.read' })
const orders = process.env.MINTMARK_AUDIENCE

const response = await client.fetch(`${orders}/42`)
console.log(response.status, await response.text())
process.exitCode = response.ok ? 0 : 1
client.close()
