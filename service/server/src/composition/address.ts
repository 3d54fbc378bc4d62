import type { ListeningDoor } from '../writer/messages.ts'
import type { ServerOptions } from './server-options.ts'

/** The address of the domain, as far as it is known before the doors are open. */
export const createAddress = (options: ServerOptions) => {
  let doors: readonly ListeningDoor[] = []
  const doorUrl = (name: ListeningDoor['name']) => doors.find((door) => door.name === name)?.url
  return {
    opened: (list: readonly ListeningDoor[]) => {
      doors = list
    },
    now: () => ({
      url: options.url ?? doorUrl('plain') ?? `http://localhost:${options.listen.port}`,
      secureUrl: options.secureUrl ?? doorUrl('tls') ?? null,
    }),
  }
}
