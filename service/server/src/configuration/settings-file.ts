import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import type * as Yaml from 'yaml'
import type { ConfigurationFault, ValueSource } from './configuration-fault.ts'
import { settingKeys, settingOf } from './settings.ts'
import { pairExcerpt, type SourceText, sourceText, syntaxExcerpt } from './source-text.ts'
import {
  fileSpellings,
  type Spelling,
  splitText,
  unknownName,
  type WrittenLevel,
  type WrittenText,
  type WrittenValue,
  writtenTwice,
} from './written-value.ts'

/** A configuration file is a page; more is a mistake, or meant to keep the parser busy. */
const fileBytesMax = 262_144

/**
 * What the configuration file says. Every scalar is taken as the text it is (YAML's failsafe
 * schema), so that `on`, `010` and `1e3` mean nothing but themselves; each setting reads its own.
 *
 * @param file as it was named
 * @param namedBy who named it, for the fault when there is no such file
 * @param directory where a relative name starts
 */
export function readSettingsFile(
  file: string,
  namedBy: ValueSource,
  directory: string,
): WrittenLevel {
  const path = resolve(directory, file)
  let bytes: Buffer
  try {
    if (statSync(path).size > fileBytesMax)
      return refuseFile(namedBy, file, 'is larger than 256 KiB')
    bytes = readFileSync(path)
  } catch (error) {
    return refuseFile(namedBy, file, `cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuseFile(namedBy, file, 'is not UTF-8 text')
  }
  return readSettingsText(file, text, dirname(path))
}

const refuseFile = (source: ValueSource, file: string, what: string): WrittenLevel => ({
  values: [],
  isUnreadable: true,
  faults: [
    {
      source,
      key: null,
      what: `the configuration file ${file} ${what}`,
      fix: 'name a YAML file that the server can read',
    },
  ],
})

/** yaml takes 40 ms to load, which a start without a file does not pay. */
const loadYaml = (): typeof Yaml => createRequire(import.meta.url)('yaml') as typeof Yaml

function readSettingsText(file: string, content: string, directory: string): WrittenLevel {
  const yaml = loadYaml()
  const text = sourceText(file, content)
  const document = yaml.parseDocument(content, {
    schema: 'failsafe',
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'error',
  })
  const faults = document.errors.map((error) => syntaxFault(text, error))
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) {
    return { values: [], faults, isUnreadable: true }
  }
  const walk: Walk = { yaml, text, directory, values: [], faults }
  if (yaml.isMap(document.contents)) walkMap(walk, document.contents, '')
  else if (content.trim() !== '' && document.contents !== null) {
    faults.push(faultAt(walk, [0, 1], 'the file is not a map of settings', 'write "listen: …"'))
  }
  return { values: walk.values, faults: [...faults, ...writtenTwice(walk.values)] }
}

interface Walk {
  readonly yaml: typeof Yaml
  readonly text: SourceText
  readonly directory: string
  readonly values: WrittenValue[]
  readonly faults: ConfigurationFault[]
}

type Range = readonly [number, number]

const groups: ReadonlySet<string> = new Set(
  settingKeys.filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.'))),
)

function walkMap(walk: Walk, map: Yaml.YAMLMap, prefix: string): void {
  for (const pair of map.items) {
    if (!walk.yaml.isScalar(pair.key) || !isPlain(walk, pair.key)) {
      const range = rangeOf(pair.key as Yaml.Node)
      walk.faults.push(faultAt(walk, range, 'this is not the name of a setting', 'write a name'))
      continue
    }
    const name = `${prefix}${pair.key.value}`
    const value = pair.value as Yaml.Node | null
    const spelling = fileSpellings.get(name)
    if (spelling !== undefined) {
      if (!isNothing(walk, value)) readPair(walk, { name, spelling, key: pair.key, value })
    } else if (prefix === '' && groups.has(name)) {
      if (walk.yaml.isMap(value) && isPlain(walk, value)) walkMap(walk, value, `${name}.`)
      else if (!isNothing(walk, value)) walk.faults.push(notAGroup(walk, pair.key, name))
    } else {
      const source = sourceOf(walk, rangeOf(pair.key), rangeOf(pair.key))
      walk.faults.push(unknownName(source, name, fileNames))
    }
  }
}

const fileNames = [...fileSpellings.keys(), ...groups]

interface ReadPair {
  readonly name: string
  readonly spelling: Spelling
  readonly key: Yaml.Node
  readonly value: Yaml.Node | null
}

function readPair(walk: Walk, { spelling, key, value }: ReadPair): void {
  const isHidden = settingOf(spelling.key).isSecret === true && !spelling.isSecretFile
  const shownRange = isHidden ? rangeOf(key) : joined(rangeOf(key), rangeOf(value ?? key))
  const source = sourceOf(walk, isHidden ? rangeOf(key) : rangeOf(value ?? key), shownRange)
  const texts = readTexts(walk, spelling, value, source)
  if (texts === null) return
  walk.values.push({ ...spelling, texts, source, directory: walk.directory })
}

function readTexts(
  walk: Walk,
  { key }: Spelling,
  value: Yaml.Node | null,
  source: ValueSource,
): WrittenText[] | null {
  const { isList, forms } = settingOf(key).type
  const refuse = (what: string, at: ValueSource = source): null => {
    walk.faults.push({ source: at, key, what, fix: `write ${forms}` })
    return null
  }
  if (value === null || !isPlain(walk, value)) {
    return refuse('aliases, anchors and tags of YAML are not taken here')
  }
  if (walk.yaml.isScalar(value)) return splitText(key, String(value.value), source)
  if (!walk.yaml.isSeq(value)) return refuse('one value is expected here, not a map')
  if (!isList) return refuse('one value is expected here, not a list')
  const texts: WrittenText[] = []
  for (const item of value.items as Yaml.Node[]) {
    const at = sourceOf(walk, rangeOf(item), rangeOf(item))
    if (!walk.yaml.isScalar(item) || !isPlain(walk, item)) refuse('one text is expected here', at)
    else texts.push({ text: String(item.value), source: at })
  }
  return texts
}

/** Neither alias nor anchor nor a tag beyond the failsafe schema: no text stands for another. */
const isPlain = (walk: Walk, node: Yaml.Node): boolean =>
  !walk.yaml.isAlias(node) &&
  (node as { anchor?: string }).anchor === undefined &&
  /^(?:tag:yaml\.org,2002:(?:str|map|seq))?$/.test(node.tag ?? '')

/** A key whose value is empty or commented out says nothing. */
const isNothing = (walk: Walk, node: Yaml.Node | null): boolean =>
  node === null ||
  (walk.yaml.isScalar(node) && node.value === '' && (node.type === 'PLAIN' || !node.type))

const rangeOf = (node: Yaml.Node | null): Range => {
  const [start, end] = node?.range ?? [0, 1]
  return [start, Math.max(end, start + 1)]
}

const joined = (a: Range, b: Range): Range => [Math.min(a[0], b[0]), Math.max(a[1], b[1])]

const sourceOf = (walk: Walk, caret: Range, visible: Range): ValueSource => ({
  from: 'file',
  file: walk.text.file,
  ...walk.text.positionOf(caret[0]),
  excerpt: pairExcerpt(walk.text, caret, visible),
})

const faultAt = (walk: Walk, range: Range, what: string, fix: string): ConfigurationFault => ({
  source: sourceOf(walk, range, [range[0], range[0]]),
  key: null,
  what,
  fix,
})

const notAGroup = (walk: Walk, key: Yaml.Node, name: string): ConfigurationFault => {
  const inside = settingKeys.filter((one) => one.startsWith(`${name}.`))
  const members = inside.map((one) => one.slice(name.length + 1)).join(', ')
  return {
    source: sourceOf(walk, rangeOf(key), rangeOf(key)),
    key: name,
    what: 'this is a group of settings, not a value',
    fix: `write its settings below it, indented: ${members}`,
  }
}

const syntax: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  DUPLICATE_KEY: ['this name stands twice in its map', 'remove one of the two'],
  TAB_AS_INDENT: ['a tab indents this line', 'indent with blanks: YAML takes no tabs'],
  MULTIPLE_DOCS: ['a second document begins here', 'remove the line "---"'],
  MISSING_CHAR: ['a quotation mark, bracket or colon is missing', 'add what is missing'],
  BAD_INDENT: ['the indentation does not fit', 'begin names of one map in the same column'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " stands in this line', 'put the value in quotation marks'],
}

/** Our own words: the parser's messages may repeat what stands in the file. */
function syntaxFault(text: SourceText, error: Yaml.YAMLParseError): ConfigurationFault {
  const [what, fix] = syntax[error.code] ?? ['this is not YAML', 'write one "name: value" a line']
  const position = text.positionOf(error.pos[0])
  const excerpt = syntaxExcerpt(text, position)
  return { source: { from: 'file', file: text.file, ...position, excerpt }, key: null, what, fix }
}
