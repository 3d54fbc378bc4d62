import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AppRecord } from '../server/records.ts'
import { matching, objectCommands, pageCommands } from './commands.ts'
import { type PressedKey, shortcutOf } from './shortcut.ts'

const pressed = (key: string, more: Partial<PressedKey> = {}): PressedKey => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isTaken: false,
  isAfterG: false,
  ...more,
})

describe('a pressed key', () => {
  for (const [told, key, asked] of [
    ['Ctrl K', pressed('k', { ctrlKey: true }), { kind: 'palette' }],
    ['Cmd K in a field', pressed('K', { metaKey: true, isTaken: true }), { kind: 'palette' }],
    ['Ctrl N, which is the browser’s', pressed('n', { ctrlKey: true }), null],
    ['n', pressed('n'), { kind: 'new' }],
    ['n in a field', pressed('n', { isTaken: true }), null],
    ['Alt n', pressed('n', { altKey: true }), null],
    ['?', pressed('?'), { kind: 'help' }],
    ['k', pressed('k'), { kind: 'row', step: -1 }],
    ['k after g', pressed('k', { isAfterG: true }), { kind: 'page', href: '/keys' }],
    ['n after g, which leads nowhere', pressed('n', { isAfterG: true }), null],
    ['x', pressed('x'), null],
  ] as const) {
    it(`${told} asks for ${asked?.kind ?? 'nothing'}`, () => deepEqual(shortcutOf(key), asked))
  }
  it('leads to each page by a letter of its own', () => {
    const letters = pageCommands.flatMap(({ keys }) => (keys === undefined ? [] : [keys]))
    equal(new Set(letters).size, letters.length)
  })
})

describe('commands of the palette', () => {
  const labels = (text: string) => matching(pageCommands, text).map(({ label }) => label)
  it('fit by every word, the beginning of the name first', () => {
    deepEqual(labels('sign ke'), ['Signing keys'])
    equal(labels('a')[0], 'Access map')
    deepEqual(labels('audit nothing'), [])
    equal(labels('').length, pageCommands.length)
  })
  it('open what is both application and API as either', () => {
    const both = { id: '1', name: 'c', displayName: 'Both', active: true, isOAuthResource: true }
    const hrefs = (app: typeof both & { isOAuthClient?: boolean }) =>
      objectCommands([app]).map(({ act }) => ('href' in act ? act.href : ''))
    deepEqual(hrefs(both), ['/cloud-services/1'])
    deepEqual(hrefs({ ...both, isOAuthClient: true }), ['/applications/1', '/cloud-services/1'])
  })
  it('offer for an object what its kind and its state allow', () => {
    const client = { id: '1', name: 'c', displayName: 'C', active: true, isOAuthClient: true }
    const labels = (app: AppRecord) => (objectCommands([app])[0]?.more ?? []).map((it) => it.label)
    const all = labels(client)
    for (const label of ['Open', 'Copy client ID', 'Get a token', 'New secret…', 'Deactivate…']) {
      equal(all.includes(label), true, label)
    }
    equal(labels({ ...client, active: false }).includes('Activate…'), true)
    equal(labels({ ...client, clientType: 'public' }).includes('New secret…'), false)
    const api = { ...client, isOAuthClient: false, isOAuthResource: true, audience: 'https://a/' }
    equal(labels(api).includes('Copy primary audience'), true)
    equal(labels(api).includes('New secret…'), false)
  })
})
