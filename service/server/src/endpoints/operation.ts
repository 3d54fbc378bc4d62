import type { FastifyInstance } from 'fastify'
import type { Services } from '../services.ts'

/** For whoever runs the server: is the process alive, may it get requests, what does it count. */
export const operationRoutes = (app: FastifyInstance, services: Services): void => {
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok'))
  app.get('/readyz', async (_request, reply) => {
    const reasons = await services.notReady()
    const ready = reasons.length === 0
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .type('application/json')
      .send(JSON.stringify({ ready, reasons }))
  })
}

/** Prometheus text, all processes of the server together. */
export const metricsRoute = (app: FastifyInstance, services: Services): void => {
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await services.metrics.render()),
  )
}
