/*
 * `node conformance/slow-senders.ts [connections]`: so many of each kind, 1,000 unless told
 * otherwise, against a server with the settings it has by itself.
 */
import { sendSlowly } from './kit/slow-senders.ts'
import { startOurs } from './kit/start-domain.ts'

const domain = await startOurs()
try {
  const report = await sendSlowly(domain, Number(process.argv[2] ?? 1000), 40_000)
  console.log(JSON.stringify(report, null, 2))
} finally {
  await domain.stop()
}
