import { groups } from '../frame/places.ts'
import type { AppRecord } from '../server/records.ts'
import type { Command } from './command.ts'
import { actionsOf } from './object-actions.ts'

/** All pages of the menu. */
export const pageCommands: readonly Command[] = groups.flatMap(({ places }) =>
  places.map(({ href, label, letter }) => ({
    id: `page ${href}`,
    label,
    kind: 'Page',
    words: 'go to',
    ...(letter === undefined ? {} : { keys: `g ${letter}` }),
    act: { href },
  })),
)

/** Actions that begin on a page of their own. */
export const beginnings: readonly Command[] = [
  {
    id: 'add application',
    label: 'Add application',
    kind: 'Action',
    words: 'new create client confidential mobile',
    keys: 'n',
    act: { href: '/applications?add=confidential' },
  },
  {
    id: 'add api',
    label: 'Add API',
    kind: 'Action',
    words: 'new create resource server audience scopes',
    act: { href: '/applications/add/api' },
  },
  {
    id: 'rotate key',
    label: 'Rotate signing keys',
    kind: 'Action',
    words: 'key new successor',
    act: { href: '/keys?do=rotate' },
  },
  {
    id: 'get a token',
    label: 'Get a token',
    kind: 'Action',
    words: 'test try playground',
    act: { href: '/playground' },
  },
  {
    id: 'denied requests',
    label: 'Follow denied requests',
    kind: 'Action',
    words: 'live refused errors',
    act: { href: '/live-requests?show=denied' },
  },
  {
    id: 'your sign-in',
    label: 'Your sign-in',
    kind: 'Page',
    words: 'password passkey authenticator account',
    act: { href: '/your-sign-in' },
  },
]

/** Applications and APIs that were found. */
export const objectCommands = (apps: readonly AppRecord[]): readonly Command[] =>
  apps.flatMap((app) => {
    const { id, displayName, name, audience, isOAuthResource, isOAuthClient } = app
    const open: Command = {
      id: `app ${id}`,
      label: displayName,
      kind: 'Application',
      words: name,
      act: { href: `/applications/${id}` },
      more: actionsOf('Application', app),
    }
    if (isOAuthResource !== true) return [open]
    const api: Command = {
      id: `api ${id}`,
      label: displayName,
      kind: 'API',
      ...(audience === undefined ? {} : { words: audience }),
      act: { href: `/cloud-services/${id}` },
      more: actionsOf('API', app),
    }
    return isOAuthClient === true ? [open, api] : [api]
  })

/** 0: does not fit; the more, the better it does. */
const fitOf = ({ label, kind, words = '' }: Command, asked: readonly string[]): number => {
  const name = label.toLowerCase()
  const all = `${name} ${kind.toLowerCase()} ${words.toLowerCase()}`
  if (!asked.every((word) => all.includes(word))) return 0
  const [first = ''] = asked
  if (name.startsWith(first)) return 3
  return name.split(/[\s&-]+/).some((part) => part.startsWith(first)) ? 2 : 1
}

/** Those that every word fits, the best first; all of them where nothing is asked. */
export const matching = (commands: readonly Command[], text: string): readonly Command[] => {
  const asked = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (asked.length === 0) return commands
  return commands
    .map((command) => ({ command, fit: fitOf(command, asked) }))
    .filter(({ fit }) => fit > 0)
    .toSorted((a, b) => b.fit - a.fit)
    .map(({ command }) => command)
}
