// A caller that knows the address of the API only: the API says where its tokens come from, and the
// client gets one there because that issuer is on its list.
import { createClient } from '@mintmark/client'

const siebel = process.env.SIEBEL_URL ?? 'https://localhost:9443'
const client = createClient({
  trustedIssuers: [process.env.TRUSTED_ISSUER ?? 'http://localhost:8480'],
  allowedOrigins: [siebel],
  authorityFile: process.env.AUTHORITY_FILE ?? '.mintmark/ca.crt',
  clientId: process.env.SIEBEL_BATCH_CLIENT_ID,
  clientSecret: process.env.SIEBEL_BATCH_CLIENT_SECRET,
  onEvent: ({ type }) => console.log(type),
})
const response = await client.fetch(`${siebel}/siebel/v1.0/data/Account/Account`)
console.log(response.status, await response.text())
client.close()
