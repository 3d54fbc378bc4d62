/*
 * The page of endpoints, made from docs/openapi.json: `node tools/endpoints.ts` writes
 * docs/endpoints.md.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RepositoryTree, readTree } from './repository-tree.ts'
import { broken, type Check } from './violation.ts'

const rule = 'endpoints'
const page = 'docs/endpoints.md'
const description = 'docs/openapi.json'

interface Parameter {
  readonly name?: string
  readonly in?: string
  readonly $ref?: string
}

interface Operation {
  readonly tags?: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly responses?: Readonly<Record<string, unknown>>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly parameters?: Readonly<Record<string, Parameter>> }
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

const queryOf = (document: OpenApi, { parameters = [] }: Operation): readonly string[] =>
  parameters
    .map((each) =>
      each.$ref === undefined
        ? each
        : (document.components?.parameters?.[each.$ref.split('/').at(-1) ?? ''] ?? {}),
    )
    .filter((each) => each.in === 'query')
    .map(({ name = '' }) => `\`${name}\``)

interface Row {
  readonly tag: string
  readonly text: string
}

const rowsOf = (document: OpenApi): readonly Row[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      if (operation === undefined) return []
      const query = queryOf(document, operation).join(', ')
      const answers = Object.keys(operation.responses ?? {}).join(', ')
      const what = `\`${method.toUpperCase()} ${path}\``
      return [{ tag: operation.tags?.[0] ?? 'Other', text: `| ${what} | ${query} | ${answers} |` }]
    }),
  )

/** The page as text. */
export const renderEndpoints = (document: OpenApi): string => {
  const rows = rowsOf(document)
  const tags = [...new Set(rows.map(({ tag }) => tag))]
  return [
    '# Endpoints',
    '',
    '<!-- Made by `node tools/endpoints.ts` from docs/openapi.json. -->',
    '',
    'Every path of the server, what it reads from the query, and the statuses that it answers. The',
    'whole description is [openapi.json](openapi.json), which a running server has at',
    '`/openapi.json`. What a refusal says is among [the reasons](errors/README.md).',
    '',
    ...tags.flatMap((tag) => [
      `## ${tag}`,
      '',
      '| request | query | answers |',
      '|---|---|---|',
      ...rows.filter((row) => row.tag === tag).map(({ text }) => text),
      '',
    ]),
  ].join('\n')
}

const wanted = (tree: RepositoryTree): string => renderEndpoints(JSON.parse(tree.read(description)))

/** The page says what the description says. */
export const endpoints: Check = {
  name: rule,
  run: (tree) => {
    if (!tree.files.includes(description)) return []
    if (tree.files.includes(page) && tree.read(page) === wanted(tree)) return []
    return [broken(rule, page, 1, "out of date: run 'node tools/endpoints.ts'")]
  },
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  writeFileSync(join(root, page), wanted(await readTree(root)))
  console.log(`wrote ${page}`)
}
