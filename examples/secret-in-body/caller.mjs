/*
 * A caller whose server reads the secret in the body (client_secret_post). It writes, and tells a
 * failure that may pass from one that will not.
 *
 *   MINTMARK_ISSUER, MINTMARK_CLIENT_ID, MINTMARK_CLIENT_SECRET_FILE (or …_SECRET), MINTMARK_AUDIENCE
 */
import { ClientError, createClient } from '@mintmark/client'

const client = createClient({ secretIn: 'body', scope: ['orders.read', 'orders.write'] })
const orders = process.env.MINTMARK_AUDIENCE

try {
  const response = await client.fetch(orders, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ item: 'lamp', pieces: 2 }),
  })
  console.log(response.status, await response.text())
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  if (!(error instanceof ClientError)) throw error
  const later = error.retryable ? `try again in ${error.retryAfterSeconds ?? 'a few'} s` : 'give up'
  console.error(`${error.reason}: ${error.message} (${later})`)
  process.exitCode = 1
} finally {
  client.close()
}
