/**
 * Starts a PostgreSQL, runs a command, and ends both: whoever the command runs gets an empty
 * database from the address in `MINTMARK_CONFORMANCE_DATABASES`, or by POST of `{url, sql}` the
 * rows that a statement finds in one. So the tests of the whole server are put to it on PostgreSQL:
 *
 *     node --conditions=mintmark-source service/storage/src/postgres/with-test-databases.ts \
 *       node tools/test.ts conformance/rfc7009
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { askPostgres, startPostgres, whyNoPostgres } from './postgres-test-server.ts'

const [command, ...words] = process.argv.slice(2)
if (command === undefined) throw new Error('say what to run')
const why = whyNoPostgres()
if (why !== null) throw new Error(`no PostgreSQL can be started here: ${why}`)

const postgres = await startPostgres()
const answerTo = async (request: IncomingMessage): Promise<string> => {
  if (request.method !== 'POST') return postgres.createDatabase()
  const { url, sql } = JSON.parse(await text(request)) as { url: string; sql: string }
  return JSON.stringify(await askPostgres(url, sql))
}
const maker = createServer((request, response) => {
  answerTo(request).then(
    (answer) => response.end(answer),
    (fault: Error) => response.writeHead(500).end(fault.message),
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
