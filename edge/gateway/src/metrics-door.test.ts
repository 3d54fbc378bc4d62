import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { testIssuer } from '@mintmark/guard/testing'
import { gatewayLimitsUsual } from './gateway-settings.ts'
import { startGateway } from './start-gateway.ts'
import { head, route, sendBytes, startBench } from './test-api.ts'
import { testSettings } from './test-settings.ts'

const bench = await startBench()
const issuer = await testIssuer({ http: true })
const here = { host: '127.0.0.1', port: 0 }
const gateway = await startGateway(
  testSettings({
    guard: { ...issuer.guardOptions, allowHttp: true },
    routes: [route('/orders/**', 'orders.read'), route('/open/**', null)],
    upstream: `http://127.0.0.1:${bench.apiPort}`,
    limits: { ...gatewayLimitsUsual, bodyBytesMax: 100 },
  }),
  { ...here, metrics: here },
  () => {},
)
const port = Number(new URL(gateway.url).port)
after(async () => {
  await gateway.stop(0)
  await bench.close()
  await issuer.close()
})

const read = async (path: string) => {
  const answer = await fetch(`${gateway.metricsUrl}${path}`)
  return { status: answer.status, text: await answer.text() }
}

it('counts by reason and API, in words that no caller chooses', async () => {
  for (let at = 0; at < 300; at += 1) {
    await sendBytes(port, head(`GET /orders/${at}`, `X-Request-Id: r${at}`))
    if (at < 3) await sendBytes(port, head(`GET /nothing/${at}`))
  }
  await sendBytes(port, head('GET /open/1', 'Host: evil"} 1'))
  await sendBytes(port, head('GET /open/1'))
  await sendBytes(port, 'nonsense\r\n\r\n')
  const chunk = `80\r\n${'x'.repeat(128)}\r\n`
  await sendBytes(port, head('POST /open/1', 'Transfer-Encoding: chunked') + chunk.repeat(9))
  const { status, text } = await read('/metrics')
  assert.equal(status, 200)
  assert.match(text, /^mintmark_gateway_refusals_total\{reason="TOKEN_MISSING"\} 300$/m)
  assert.match(text, /^mintmark_gateway_refusals_total\{reason="ROUTE_UNKNOWN"\} 3$/m)
  assert.match(text, /^mintmark_gateway_refusals_total\{reason="HOST_AMBIGUOUS"\} 1$/m)
  assert.match(text, /^mintmark_gateway_refusals_total\{reason="REQUEST_UNREADABLE"\} 1$/m)
  assert.match(text, /^mintmark_gateway_refusals_total\{reason="BODY_TOO_LARGE"\} 1$/m)
  const api = `http://127.0.0.1:${bench.apiPort}`
  assert.ok(text.includes(`upstream_answers_total{upstream="${api}",code="2xx"} 1\n`), text)
  assert.doesNotMatch(text, /evil|nothing|r299/)
  for (const line of text.trimEnd().split('\n')) {
    assert.match(line, /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{.+\})? [\d.e+-]+)$/)
  }
})

it('says whether it lives and can judge, on that port only', async () => {
  assert.deepEqual(await read('/healthz'), { status: 200, text: 'ok\n' })
  assert.deepEqual(await read('/readyz'), { status: 200, text: '{"ready":true,"reasons":[]}' })
  assert.equal((await read('/orders/1')).status, 404)
  assert.match(await sendBytes(port, head('GET /metrics')), /ROUTE_UNKNOWN/)
})

it('is not ready while the issuer cannot be reached', async () => {
  const away = await testIssuer({ http: true })
  const settings = { ...here, metrics: here }
  const alone = await startGateway(
    testSettings({
      guard: { issuer: away.issuer, audience: 'a', allowHttp: true },
      forwardAuth: true,
      trustedProxies: ['127.0.0.1'],
    }),
    settings,
    () => {},
  )
  await away.close()
  const answer = await fetch(`${alone.metricsUrl}/readyz`)
  assert.equal(answer.status, 503)
  assert.deepEqual(await answer.json(), { ready: false, reasons: ['issuer unreachable'] })
  await alone.stop(0)
})
