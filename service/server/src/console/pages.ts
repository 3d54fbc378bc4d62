import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerFault } from '../http/answer-fault.ts'
import { sendMethodRefused, sendProblem } from '../http/answer-problem.ts'
import type { Services } from '../services.ts'
import { type BuiltFile, openBuiltFiles, type ReadBuiltFiles } from './built-files.ts'

const home = '/console/'

/**
 * Nothing but what this server sends is run, shown or asked, and no text becomes markup (Trusted
 * Types without any policy).
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
} as const

const cachingOf = (path: string, file: BuiltFile): string => {
  if (path === 'index.html') return 'no-store'
  return file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache'
}

const sendFile = (
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  file: BuiltFile,
): FastifyReply => {
  reply.headers({ 'cache-control': cachingOf(path, file), etag: file.tag, vary: 'accept-encoding' })
  if (path !== 'index.html' && request.headers['if-none-match'] === file.tag) {
    return reply.code(304).send()
  }
  reply.type(file.type)
  const isGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  if (!isGzip || file.gzipped === null) return reply.send(file.bytes)
  return reply.header('content-encoding', 'gzip').send(file.gzipped)
}

const notBuilt = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply, 'CONSOLE_NOT_BUILT', {
    detail: 'Its files are not beside this server. Everything else works without it.',
    fix: 'In a copy of the sources: npm run build',
  })

/** The pages of the console: files, and its first page for every path that is none. */
export const consolePages = (
  app: FastifyInstance,
  services: Services,
  read: ReadBuiltFiles = openBuiltFiles(),
): void => {
  const options = {
    errorHandler: answerFault(services, sendProblem),
    config: {
      answerOthers: ({ url }: FastifyRequest, reply: FastifyReply) =>
        sendMethodRefused(reply, url.split('?', 1)[0] ?? '', ['GET']),
    },
  }
  const redirect = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply.headers(pageHeaders).header('cache-control', 'no-store').redirect(home, 302)
  // Browsers keep what stands behind #.
  app.get('/console', options, redirect)
  // where guides for identity domains send people
  app.get('/ui/v1/adminconsole', options, redirect)
  app.get('/ui/v1/adminconsole/*', options, redirect)
  app.get(`${home}*`, options, async (request, reply) => {
    reply.headers(pageHeaders)
    const files = await read()
    if (files === null) return notBuilt(reply)
    const asked = (request.url.split('?', 1)[0] ?? '').slice(home.length)
    const file = files.get(asked)
    if (file !== undefined) return sendFile(request, reply, asked, file)
    const page = files.get('index.html')
    // A file that is gone is no page: a script must not be answered with markup.
    const isPage = !asked.startsWith('assets/') && !/\.\w+$/.test(asked)
    if (page !== undefined && isPage) return sendFile(request, reply, 'index.html', page)
    return sendProblem(reply, 'PATH_UNKNOWN', { detail: 'The console has no such file.' })
  })
}
