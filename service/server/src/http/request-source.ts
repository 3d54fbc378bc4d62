import type { IncomingMessage } from 'node:http'
import type { Services } from '../services.ts'

/** The address that a request is from, behind proxies that are trusted. */
export const sourceOf = (
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  { proxies }: Pick<Services, 'proxies'>,
): string =>
  proxies.sourceOf(socket.remoteAddress ?? '', headers['x-forwarded-for'] as string | undefined)
