/*
 * A job that calls a maintenance endpoint every night, started by systemd or cron.
 *
 *   MINTMARK_ISSUER, MINTMARK_CLIENT_ID, MINTMARK_CLIENT_SECRET_FILE, MINTMARK_AUDIENCE
 *
 * Exit code 0: done. 75 (EX_TEMPFAIL): nothing is wrong here, the same may work later. 1: somebody
 * has to look. Its output is one line, for the journal.
 */
import { ClientError, createClient } from '@mintmark/client'

const done = 0
const needsSomebody = 1
const mayWorkLater = 75

const run = async (client) => {
  const url = `${process.env.MINTMARK_AUDIENCE}/maintenance/expired-orders`
  const night = new Date().toISOString().slice(0, 10)
  const response = await client.fetch(url, {
    method: 'POST',
    // The endpoint does the work of one night once, however often it is called.
    headers: { 'idempotency-key': `expired-orders ${night}` },
    signal: AbortSignal.timeout(60_000),
  })
  console.log(`expired orders: ${response.status} ${(await response.text()).slice(0, 200)}`)
  if (response.ok) return done
  return response.status === 429 || response.status >= 500 ? mayWorkLater : needsSomebody
}

const failed = (error) => {
  if (!(error instanceof ClientError)) {
    console.error(`expired orders: the API was not reached: ${error.message}`)
    return mayWorkLater
  }
  const id = error.ecid === null ? '' : ` Ask the operator about ${error.ecid}.`
  console.error(`expired orders: no token: ${error.message}${id}`)
  return error.retryable ? mayWorkLater : needsSomebody
}

try {
  // There is nobody to wait for this: a whole minute for a server that restarts.
  const client = createClient({ scope: 'orders.maintain', maxWaitSeconds: 60 })
  process.exitCode = await run(client).catch(failed)
  client.close()
} catch (error) {
  process.exitCode = failed(error)
}
