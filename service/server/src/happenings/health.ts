import type { ProcessReading } from '../observability/process-reading.ts'
import type { ToldData } from '../services.ts'
import { version } from '../version.ts'
import { checkNames } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

const timeOf = (ms: number): string => new Date(ms).toISOString()

const toldData = ({ kind, schema, milliseconds, servers }: ToldData) => ({
  kind,
  schema,
  milliseconds,
  servers: servers.map(({ joinedAtMs, behind }) => ({ joined: timeOf(joinedAtMs), behind })),
})

const toldProcesses = (one: ProcessReading) => ({
  count: one.processes,
  started: timeOf(one.startUnixSeconds * 1000),
  cpuSeconds: one.cpuSeconds,
  residentBytes: one.residentBytes,
  openFiles: one.openFiles,
  eventLoop: {
    lagSeconds: one.eventLoopLagSeconds,
    lagP99Seconds: one.eventLoopLagP99Seconds,
    lagMaxSeconds: one.eventLoopLagMaxSeconds,
    utilization: one.eventLoopUtilization,
  },
})

/** `GET /api/v1/health`: how this server is doing, for people; `/readyz` is for machines. */
export const tellHealth: AnswerHappening = async ({ query, services, nowMs }) => {
  const wrong = checkNames(query, new Set())
  if (wrong !== null) return wrong
  const [notReady, data, processes] = await Promise.all([
    services.notReady(),
    services.tellData(),
    services.metrics.readProcesses(),
  ])
  return {
    kind: 'json',
    body: {
      ready: notReady.length === 0,
      notReady,
      now: timeOf(nowMs),
      build: { version, node: process.version, platform: `${process.platform} ${process.arch}` },
      database: toldData(data),
      cache: { sequence: services.registry.sequence(), outOfTouch: services.outOfTouch() },
      processes: toldProcesses(processes),
    },
  }
}
