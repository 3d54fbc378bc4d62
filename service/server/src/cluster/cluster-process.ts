/**
 * A server in a process of its own, for `lease.test.ts` to stop and kill: says its URL on its
 * output.
 */
import { writeSync } from 'node:fs'
import { createObservability } from '../composition/observability.ts'
import { startServer } from '../composition/start-server.ts'
import { readConfiguration } from '../configuration/read-configuration.ts'
import { serverOptionsOf } from '../configuration/server-options-of.ts'

const configured = readConfiguration({ environment: process.env, flags: {} })
if (!configured.ok) throw new Error(configured.failure.map((fault) => fault.what).join('; '))
const server = await startServer(
  serverOptionsOf(configured.value),
  createObservability({ level: 'fatal', format: 'json' }),
)
writeSync(1, `${server.doors[0]?.url}\n`)
