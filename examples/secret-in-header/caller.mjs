/*
 * A caller that proves itself by a secret in the header (client_secret_basic).
 *
 *   MINTMARK_ISSUER, MINTMARK_CLIENT_ID, MINTMARK_CLIENT_SECRET_FILE (or …_SECRET), MINTMARK_AUDIENCE
 *
 * Everything comes from the environment, so the same program runs on a laptop and in production.
 */
import { createClient } from '@mintmark/client'

const client = createClient({ scope: 'orders.read' })
const orders = process.env.MINTMARK_AUDIENCE

const response = await client.fetch(`${orders}/42`)
console.log(response.status, await response.text())
process.exitCode = response.ok ? 0 : 1
client.close()
