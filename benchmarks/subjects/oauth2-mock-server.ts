/**
 * The stand-in that Node projects test with. It signs like a server and believes everybody: no
 * client is known, no secret is looked at, nothing is remembered.
 */
import { createServer } from 'node:http'
import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server'
import { readSettings, serve } from './serve.ts'

const settings = readSettings()

serve(settings.processes, async () => {
  const issuer = new OAuth2Issuer()
  issuer.url = 'http://127.0.0.1'
  await issuer.keys.generate(settings.algorithm)
  return createServer(new OAuth2Service(issuer).requestHandler)
})
