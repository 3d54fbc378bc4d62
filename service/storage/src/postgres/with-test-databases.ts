/**
 * Starts a PostgreSQL, runs a command, and ends both: whoever the command runs gets an empty
 * database from the address in `MINTMARK_CONFORMANCE_DATABASES`. So the tests of the whole server
 * are put to it on PostgreSQL:
 *
 *     node --conditions=mintmark-source service/storage/src/postgres/with-test-databases.ts \
 *       node tools/test.ts conformance/rfc7009
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startPostgres, whyNoPostgres } from './postgres-test-server.ts'

const [command, ...words] = process.argv.slice(2)
if (command === undefined) throw new Error('say what to run')
const why = whyNoPostgres()
if (why !== null) throw new Error(`no PostgreSQL can be started here: ${why}`)

const postgres = await startPostgres()
const maker = createServer((_request, response) => {
  postgres.createDatabase().then(
    (url) => response.end(url),
    () => response.writeHead(500).end(),
  )
})
maker.listen(0, '127.0.0.1')
await once(maker, 'listening')
const { port } = maker.address() as AddressInfo
const child = spawn(command, words, {
  stdio: 'inherit',
  env: { ...process.env, MINTMARK_CONFORMANCE_DATABASES: `http://127.0.0.1:${port}` },
})
const [code] = (await once(child, 'exit')) as [number | null]
maker.close()
await postgres.remove()
process.exitCode = code ?? 1
