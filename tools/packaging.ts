/** What the files in `packaging/` say, read without the engines that they are for. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const require = createRequire(join(root, 'edge/cli/package.json'))
const yaml = require('yaml') as { parseAllDocuments(text: string): { toJS(): unknown }[] }

export const packagingFiles = {
  dockerfile: 'packaging/docker/Dockerfile',
  compose: 'packaging/docker/compose.yaml',
  composePostgresql: 'packaging/docker/compose.postgresql.yaml',
  unit: 'packaging/systemd/mintmark.service',
  settings: 'packaging/systemd/mintmark.yaml',
  kubernetes: 'packaging/kubernetes/mintmark.yaml',
  helmValues: 'packaging/helm/values.yaml',
  helmTemplate: 'packaging/helm/templates/mintmark.yaml',
} as const

export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Every document of a YAML file. @throws where it is none */
export const documentsOf = (file: string): readonly unknown[] => documentsIn(textOf(file))

const documentsIn = (text: string): readonly unknown[] =>
  yaml.parseAllDocuments(text).map((document) => {
    const { errors } = document as unknown as { readonly errors: readonly Error[] }
    if (errors[0] !== undefined) throw errors[0]
    return document.toJS()
  })

const joined = (text: string): string => text.replaceAll(/\\\n\s*/g, '')

/** The words of ENTRYPOINT or another instruction in its JSON form. */
export const instructionOf = (name: string): readonly string[] => {
  const text = joined(textOf(packagingFiles.dockerfile))
  const found = new RegExp(`^${name} [^\\[]*(\\[.*\\])$`, 'm').exec(text)?.[1]
  if (found === undefined) throw new Error(`the Dockerfile has no ${name}`)
  return JSON.parse(found)
}

/** The variables that the image sets. */
export const imageEnvironment = (): Readonly<Record<string, string>> => {
  const line = /^ENV (.*)$/m.exec(joined(textOf(packagingFiles.dockerfile)))?.[1] ?? ''
  const variables = line.split(/\s+/).map((each) => /^([^=]+)=(.*)$/.exec(each) ?? [])
  return Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value]))
}

/** The words of the unit's ExecStart. */
export const execStart = (): readonly string[] =>
  (/^ExecStart=(.*)$/m.exec(joined(textOf(packagingFiles.unit)))?.[1] ?? '').split(/\s+/)

type Json = Readonly<Record<string, unknown>>

const member = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce((inside, name) => (inside as Json | undefined)?.[name], value)

/** The environment that compose gives the server. */
export const composeEnvironment = (file: string): Readonly<Record<string, string>> =>
  member(documentsOf(file)[0], 'services', 'mintmark', 'environment') as Record<string, string>

/** The container of the server in Kubernetes. */
export const kubernetesContainer = (): Json => {
  const set = documentsOf(packagingFiles.kubernetes).find(
    (each) => member(each, 'kind') === 'StatefulSet',
  )
  return member(set, 'spec', 'template', 'spec', 'containers', 0) as Json
}

/** The environment that Kubernetes gives the server. */
export const kubernetesEnvironment = (): Readonly<Record<string, string>> => {
  const list = kubernetesContainer()['env'] as readonly { name: string; value: string }[]
  return Object.fromEntries(list.map(({ name, value }) => [name, value]))
}

/** The chart as Helm renders it, of which it uses values, the release name and quotes only. */
export const renderedChart = (release: string): readonly unknown[] => {
  const values = documentsOf(packagingFiles.helmValues)[0]
  const text = textOf(packagingFiles.helmTemplate).replaceAll(
    /\{\{ \.(Release\.Name|Values\.(\w+))( \| quote)? \}\}/g,
    (_, what: string, name: string | undefined, quote: string | undefined) => {
      const value = what === 'Release.Name' ? release : member(values, name ?? '')
      if (value === undefined) throw new Error(`values.yaml has no ${name}`)
      return quote === undefined ? String(value) : JSON.stringify(value)
    },
  )
  const left = /\{\{.*\}\}/.exec(text)?.[0]
  if (left !== undefined) throw new Error(`${left} is not rendered here`)
  return documentsIn(text)
}
