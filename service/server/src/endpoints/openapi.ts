import type { FastifyInstance } from 'fastify'
import { sendDocument } from './discovery.ts'

/** `GET /openapi.json`: the surface in the words of OpenAPI 3.1; public, as the pages are. */
export const openApiRoute = (app: FastifyInstance): void => {
  let text: string | null = null
  app.get('/openapi.json', async (request, reply) => {
    // Loaded at the first call: it names everything there is.
    const { openApiDocument } = await import('../openapi/openapi-document.ts')
    text ??= JSON.stringify(openApiDocument())
    return sendDocument(request, reply, text)
  })
}
