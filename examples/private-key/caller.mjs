/*
 * A caller that signs with a private key (private_key_jwt): nothing secret travels. The server has
 * the public half as a key set, where `MINTMARK_KEY_ID` is its `kid`.
 *
 *   openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out caller.key
 *
 *   MINTMARK_ISSUER, MINTMARK_CLIENT_ID, MINTMARK_PRIVATE_KEY_FILE, MINTMARK_KEY_ID, MINTMARK_AUDIENCE
 */
import { createClient } from '@mintmark/client'

const client = createClient({ scope: 'orders.read' })
const orders = process.env.MINTMARK_AUDIENCE

// A thousand requests at once need one token.
const answers = await Promise.all(
  Array.from({ length: 1000 }, (_, at) => client.fetch(`${orders}/${at}`)),
)
const texts = await Promise.all(answers.map((answer) => answer.text()))
console.log(answers.filter(({ ok }) => ok).length, texts[42])
client.close()
