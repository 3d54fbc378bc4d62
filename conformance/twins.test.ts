/**
 * Everything in the console exists in API, command line and file too, and the other way round: each
 * place that the table names is there, and nothing is there that the table does not name.
 */
import { deepEqual, ok } from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { consoleRoutes } from './kit/console-screens.ts'
import { commandsApart, type Missing, pagesApart, twins } from './twins.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')

const isThere = <Place>(place: Place | Missing): place is Place =>
  !(typeof place === 'object' && place !== null && 'because' in place)

/** Words of each command, with its own part of the page. */
const commandSections = new Map(
  read('docs/administering/command-line.md')
    .split('\n## `mintmark ')
    .slice(1)
    .map((section) => [(section.split('`')[0] ?? '').replace(/ ?[<[].*$/, ''), section] as const),
)

const operations = Object.entries(
  JSON.parse(read('docs/openapi.json')).paths as Readonly<Record<string, object>>,
)
  // what a POST to .search finds, a GET finds
  .filter(([path]) => /^\/(?:admin|api)\/v1\//.test(path) && !path.endsWith('/.search'))
  .flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => method !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path}`),
  )

const consoleSource = globSync('service/console/src/**/*.{ts,tsx}', { cwd: root })
  .filter((path) => !path.includes('.test.'))
  .map(read)
  .join('\n')

const fileFields = read('docs/administering/domain-file.md')

const named = {
  commands: twins.flatMap(({ commands }) => (isThere(commands) ? commands : [])),
  pages: twins.flatMap(({ console }) => (isThere(console) ? [console] : [])),
  http: twins.flatMap(({ http }) => http),
}

test('what the table names is there', () => {
  for (const command of named.commands) {
    const [words = '', option] = command.split(/ (?=--)/)
    const section = commandSections.get(words)
    ok(section !== undefined, `mintmark ${words} is no command`)
    if (option !== undefined) ok(section.includes(`\`${option}`), `mintmark ${command}`)
  }
  for (const operation of named.http) ok(operations.includes(operation), operation)
  for (const [page, says] of named.pages) {
    ok(consoleRoutes.includes(page), `the console has no page ${page}`)
    ok(consoleSource.includes(says), `the console says nowhere: ${says}`)
  }
  for (const { what, file } of twins) {
    if (isThere(file)) ok(fileFields.includes(`\`${file}\``), `${what}: no field ${file}`)
  }
})

test('nothing is there that the table does not name', () => {
  const without = (all: Iterable<string>, known: Iterable<string>): readonly string[] => {
    const set = new Set(known)
    return [...all].filter((each) => !set.has(each))
  }
  deepEqual(without(operations, named.http), [])
  const commands = named.commands.map((command) => command.split(' --')[0] ?? '')
  deepEqual(without(commandSections.keys(), [...commands, ...commandsApart.keys()]), [])
  const pages = named.pages.map(([page]) => page)
  deepEqual(without(consoleRoutes, [...pages, ...pagesApart.keys()]), [])
})

test('whatever is missing somewhere says why, and is not missing everywhere', () => {
  for (const { what, console, http, commands, file } of twins) {
    for (const place of [console, commands, file]) {
      if (!isThere(place)) ok(place.because.length > 10, what)
    }
    ok(http.length > 0 || (isThere(commands) && commands.length > 0), what)
  }
  deepEqual(
    twins.map(({ what }) => what).filter((what, at, all) => all.indexOf(what) !== at),
    [],
  )
})
