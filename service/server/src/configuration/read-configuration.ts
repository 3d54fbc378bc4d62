import { fail, ok, type Result } from '@mintmark/protocol/result'
import { checkFiles, readSecretFile } from './check-files.ts'
import { checkValues } from './check-values.ts'
import { assembleConfiguration, type Configuration } from './configuration.ts'
import type { ConfigurationFault, ValueSource } from './configuration-fault.ts'
import type { Draft } from './draft.ts'
import { type Misfit, path, type ScalarType } from './setting-types.ts'
import { type SettingKey, type SettingValues, settingKeys, settingOf } from './settings.ts'
import { fileVariable, readEnvironment, readFlags } from './settings-environment.ts'
import { readSettingsFile } from './settings-file.ts'
import {
  splitText,
  type WrittenLevel,
  type WrittenText,
  type WrittenValue,
} from './written-value.ts'

export interface ConfigurationInput {
  /** YAML file; unless given, `flags.config`, else MINTMARK_CONFIG, else none. */
  readonly file?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** By name without dashes, for example `tls-listen`. */
  readonly flags: Readonly<Record<string, string>>
  /** Where relative paths of environment and flags start; the working directory unless given. */
  readonly directory?: string | undefined
}

/**
 * Reads the configuration: flag before environment before file before default.
 *
 * @returns every mistake at once, or the configuration with its warnings
 */
export function readConfiguration(
  input: ConfigurationInput,
): Result<Configuration, readonly ConfigurationFault[]> {
  const directory = input.directory ?? process.cwd()
  const levels = [
    readFileLevel(input, directory),
    readEnvironment(input.environment, directory),
    readFlags(input.flags, directory),
  ]
  const faults = levels.flatMap((level) => level.faults)
  const read = readValues(levels, directory, faults)
  const warnings: ConfigurationFault[] = []
  const draft = draftOf(read, faults, warnings)
  // What an unreadable file would have said is unknown: nothing can be missing or contradict it.
  if (!levels.some((level) => level.isUnreadable)) {
    checkValues(draft)
    checkFiles(draft)
  }
  if (faults.length > 0) return fail(inOrder(faults))
  const values = Object.fromEntries(settingKeys.map((key) => [key, read.get(key)?.value]))
  const sources = Object.fromEntries(settingKeys.map((key) => [key, draft.source(key)]))
  return ok(
    assembleConfiguration(
      values as unknown as SettingValues,
      sources as Readonly<Record<SettingKey, ValueSource>>,
      warnings,
    ),
  )
}

function readFileLevel(input: ConfigurationInput, directory: string): WrittenLevel {
  const flag = input.file ?? input.flags['config']
  if (flag !== undefined)
    return readSettingsFile(flag, { from: 'flag', name: '--config' }, directory)
  const variable = input.environment[fileVariable]
  if (!variable) return { values: [], faults: [] }
  return readSettingsFile(variable, { from: 'environment', name: fileVariable }, directory)
}

/** The value that counts for a setting; `value` is undefined where it is a mistake. */
interface ReadValue {
  readonly value: unknown
  readonly source: ValueSource
}

/** Every level is read, also what a higher one overrides: its mistakes wait for that one to go. */
function readValues(
  levels: readonly WrittenLevel[],
  directory: string,
  faults: ConfigurationFault[],
): ReadonlyMap<SettingKey, ReadValue> {
  const read = new Map<SettingKey, ReadValue>()
  for (const key of settingKeys) {
    const written = levels.flatMap((level) => level.values.filter((value) => value.key === key))
    const values = written.map((one) => ({ one, value: readValue(one, faults) }))
    const counts = values.at(-1)
    if (counts === undefined) {
      const isRefused = faults.some((fault) => fault.key === key)
      read.set(key, {
        value: isRefused ? undefined : defaultOf(key, directory),
        source: { from: 'default' },
      })
    } else {
      const { one, value } = counts
      const isFile = one.isSecretFile && typeof value === 'string'
      read.set(key, { value: isFile ? secretIn(one, value, faults) : value, source: one.source })
    }
  }
  return read
}

function readValue(written: WrittenValue, faults: ConfigurationFault[]): unknown {
  const { type } = settingOf(written.key)
  const scalar: ScalarType<unknown> = written.isSecretFile ? path : type.isList ? type.item : type
  const values = written.texts.map((text) => parseText(written, scalar, text, faults))
  if (values.includes(undefined)) return undefined
  return type.isList ? values : values[0]
}

function parseText(
  written: WrittenValue,
  type: ScalarType<unknown>,
  { text, source }: WrittenText,
  faults: ConfigurationFault[],
): unknown {
  const parsed = type.parse(text, { directory: written.directory })
  if (parsed.ok) return parsed.value
  faults.push({ source, key: written.key, ...parsed.failure })
  return undefined
}

function secretIn(written: WrittenValue, file: string, faults: ConfigurationFault[]): unknown {
  const secret = readSecretFile(written.key, file)
  if (secret.ok) {
    const value = { ...written, isSecretFile: false }
    return readValue({ ...value, texts: [{ text: secret.value, source: written.source }] }, faults)
  }
  faults.push({ source: written.source, key: written.key, ...secret.failure })
  return undefined
}

function defaultOf(key: SettingKey, directory: string): unknown {
  const text = settingOf(key).default
  if (text === null) return null
  const source = { from: 'default' } as const
  const faults: ConfigurationFault[] = []
  const texts = splitText(key, text, source)
  const value = readValue({ key, isSecretFile: false, texts, source, directory }, faults)
  if (faults.length > 0) throw new Error(`the default of ${key} is not a value: ${text}`)
  return value
}

const draftOf = (
  read: ReadonlyMap<SettingKey, ReadValue>,
  faults: ConfigurationFault[],
  warnings: ConfigurationFault[],
): Draft => {
  const source = (key: SettingKey): ValueSource => read.get(key)?.source ?? { from: 'default' }
  const note =
    (list: ConfigurationFault[]) =>
    (key: SettingKey, mistake: Misfit): void => {
      list.push({ source: source(key), key, ...mistake })
    }
  return {
    value: <Key extends SettingKey>(key: Key) =>
      read.get(key)?.value as SettingValues[Key] | undefined,
    isSet: (key) => source(key).from !== 'default',
    source,
    fault: note(faults),
    warn: note(warnings),
  }
}

const levelOrder = ['file', 'environment', 'flag', 'default'] as const

/** The file from top to bottom, then the environment, then the flags. */
const inOrder = (faults: readonly ConfigurationFault[]): readonly ConfigurationFault[] => {
  const rank = ({ source }: ConfigurationFault): readonly [number, number, number] => [
    levelOrder.indexOf(source.from),
    source.from === 'file' ? source.line : 0,
    source.from === 'file' ? source.column : 0,
  ]
  return faults.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2]
  })
}
