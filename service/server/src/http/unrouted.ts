import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

type AnswerOthers = (request: FastifyRequest, reply: FastifyReply) => unknown

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers the methods that the route does not name, in the words of its door. */
    readonly answerOthers?: AnswerOthers
  }
}

interface KnownRoute {
  readonly url: string
  readonly answer: AnswerOthers
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** In a pattern `:name` stands for one part of a path, and `*` at its end for all the rest. */
const isAt = (pattern: string, path: string): boolean => {
  const parts = path.split('/')
  const wanted = pattern.split('/')
  if (wanted.at(-1) === '*' ? parts.length < wanted.length : parts.length !== wanted.length) {
    return false
  }
  const fits = (each: string, part: string | undefined) =>
    each === '*' || (each.startsWith(':') ? part !== '' : each === part)
  return wanted.every((each, at) => fits(each, parts[at]))
}

/** What a path that is there allows where `methods` have handlers: HEAD comes with GET. */
export const allowOf = (methods: readonly string[]): string =>
  methods.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])).join(', ')

/** How a door answers where no route is. */
interface Unrouted {
  /** A method of a route that is only read, and says nothing of other methods itself. */
  readonly refuse: AnswerOthers
  readonly unknownPath: AnswerOthers
}

/**
 * RFC 9110 §15.5.6: a path that is there is not unknown to a method that it lacks. The framework
 * finds no route for the two together, so the path is looked for here, before any body is read.
 * To be called ahead of the routes.
 */
export const answerUnrouted = (app: FastifyInstance, { refuse, unknownPath }: Unrouted): void => {
  const known: KnownRoute[] = []
  app.addHook('onRoute', ({ url, method, config }) => {
    const own = config?.answerOthers
    if (own === undefined && ![method].flat().every((each) => reading.has(each))) {
      throw new Error(`${url} takes ${method}, and says not what of other methods`)
    }
    const route = { url, answer: own ?? refuse }
    // what stands for many paths comes behind each of them
    if (url.endsWith('*')) known.push(route)
    else known.unshift(route)
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const path = request.url.split('?', 1)[0] ?? ''
    const { answer } = known.find(({ url }) => isAt(url, path)) ?? { answer: unknownPath }
    return answer(request, reply)
  })
}
