import assert from 'node:assert/strict'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect } from 'node:tls'
import {
  issueTestCertificate,
  makeTestAuthority,
  type TestCertificate,
} from '@mintmark/server/certificates/test-authority'
import { newDirectory, startCommand, startServe } from '../test-process.ts'

const home = newDirectory()
after(home.remove)
const certFile = join(home.path, 'door.crt')
const keyFile = join(home.path, 'door.key')
const settings = {
  MINTMARK_DATA: join(home.path, 'data'),
  MINTMARK_LISTEN: '127.0.0.1:0',
  MINTMARK_TLS_LISTEN: '127.0.0.1:0',
  MINTMARK_TLS_CERT: certFile,
  MINTMARK_TLS_KEY: keyFile,
}

const authority = await makeTestAuthority('CN=authority')
const issue = (name: string) =>
  issueTestCertificate({ subject: `CN=${name}`, dnsNames: ['localhost'] }, authority)

/** As renewing programs do it: the new file takes the old one's place. */
const put = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
const install = ({ pem, keyPem }: TestCertificate): void => {
  put(keyFile, keyPem)
  put(certFile, pem)
}

const shownBy = async (url: string): Promise<string> => {
  const port = Number(new URL(url).port)
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.pem })
  await once(socket, 'secureConnect')
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return String(CN)
}

/** Four connections in a row show it: with two workers, both. */
const untilShown = async (url: string, name: string): Promise<void> => {
  const lastMs = Date.now() + 20_000
  for (let inRow = 0; inRow < 4; ) {
    inRow = (await shownBy(url)) === name ? inRow + 1 : 0
    if (inRow > 0) continue
    assert.ok(Date.now() < lastMs, `${name} was never shown`)
    await new Promise((fulfil) => setTimeout(fulfil, 100))
  }
}

for (const workers of ['1', '2']) {
  test(`certificates are read again, broken ones never (${workers} processes)`, async (t) => {
    install(await issue('first'))
    const server = await startServe({ ...settings, MINTMARK_WORKERS: workers })
    t.after(() => server.end('SIGKILL'))
    const url = server.secure as string
    assert.equal(await shownBy(url), 'first')

    install(await issue('second'))
    server.child.kill('SIGHUP')
    await untilShown(url, 'second')

    put(certFile, 'no certificate\n')
    server.child.kill('SIGHUP')
    await server.said(/"level":"error".*"msg":"certificates not read again: the old ones stay"/)
    for (let round = 0; round < 4; round += 1) assert.equal(await shownBy(url), 'second')

    install(await issue('third'))
    await untilShown(url, 'third') // without a signal: the files are watched
    assert.doesNotMatch(server.output() + server.errors(), /PRIVATE KEY/)
    assert.equal(await server.end('SIGTERM'), 0)
  })
}

test('a taken TLS port ends the start with exit 5, though the plain door was open', async (t) => {
  install(await issue('door'))
  const taker = createServer().listen(0, '127.0.0.1')
  t.after(() => taker.close())
  await once(taker, 'listening')
  const address = `127.0.0.1:${(taker.address() as AddressInfo).port}`
  for (const workers of ['1', '2']) {
    const more = { MINTMARK_TLS_LISTEN: address, MINTMARK_WORKERS: workers }
    const run = startCommand(['serve'], { ...settings, ...more })
    t.after(() => run.child.kill('SIGKILL'))
    assert.equal(await run.ended, 5)
    assert.match(run.errors(), new RegExp(`${address} is in use`))
  }
})
