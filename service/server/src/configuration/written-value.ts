import type { ConfigurationFault, ValueSource } from './configuration-fault.ts'
import { nearestName } from './nearest.ts'
import { type SettingKey, settingKeys, settingOf } from './settings.ts'

/** One text as someone wrote it, before it is read as a value. */
export interface WrittenText {
  readonly text: string
  readonly source: ValueSource
}

/** What is written for one setting at one level (file, environment or flags). */
export interface WrittenValue {
  readonly key: SettingKey
  /** The texts name a file that holds the secret. */
  readonly isSecretFile: boolean
  /** One, or any number for a list. */
  readonly texts: readonly WrittenText[]
  readonly source: ValueSource
  /** Where relative paths start. */
  readonly directory: string
}

/** What one level says. */
export interface WrittenLevel {
  readonly values: readonly WrittenValue[]
  readonly faults: readonly ConfigurationFault[]
  readonly isUnreadable?: true
}

/** A spelling of a setting at one level. */
export interface Spelling {
  readonly key: SettingKey
  readonly isSecretFile: boolean
}

const spellings = (
  name: (key: SettingKey) => string,
  fileName: (key: SettingKey) => string,
): ReadonlyMap<string, Spelling> =>
  new Map(
    settingKeys.flatMap((key): [string, Spelling][] => {
      const plain: [string, Spelling] = [name(key), { key, isSecretFile: false }]
      if (settingOf(key).isSecret !== true) return [plain]
      return [plain, [fileName(key), { key, isSecretFile: true }]]
    }),
  )

/** Every name in the environment. */
export const environmentSpellings = spellings(
  (key) => settingOf(key).environment,
  (key) => `${settingOf(key).environment}_FILE`,
)

/** Every key path of the file. */
export const fileSpellings = spellings(
  (key) => key,
  (key) => `${key}File`,
)

/** Every flag, without dashes; secrets themselves are among them to be refused with a reason. */
export const flagSpellings = spellings(
  (key) => settingOf(key).flag,
  (key) => `${settingOf(key).flag}-file`,
)

/** The texts of a setting that came as one text: a list is separated by commas. */
export const splitText = (key: SettingKey, text: string, source: ValueSource): WrittenText[] =>
  settingOf(key).type.isList
    ? text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part) => ({ text: part, source }))
    : [{ text, source }]

/** What only domain files have at their top. */
const domainParts: ReadonlySet<string> = new Set(['apis', 'applications'])

/** A fault for a name that does not exist. */
export function unknownName(
  source: ValueSource,
  name: string,
  names: readonly string[],
): ConfigurationFault {
  if (source.from === 'file' && domainParts.has(name)) {
    return {
      source,
      key: null,
      what: `"${name}" belongs in a domain file, and this is a configuration of the server`,
      fix: 'mintmark apply -f reads domain files, once the server runs',
    }
  }
  const bare = source.from === 'file' ? name.replace(/^MINTMARK_/, '') : name
  const near = nearestName(bare, names) ?? names.find((one) => one.endsWith(`.${bare}`)) ?? null
  return {
    source,
    key: null,
    what: source.from === 'file' ? `there is no setting "${name}"` : 'there is no such setting',
    ...(near === null ? {} : { didYouMean: source.from === 'flag' ? `--${near}` : near }),
    fix: near === null ? 'remove it' : 'correct the name, or remove it',
  }
}

/** Faults of secrets that are written twice at one level: which one counts would be a guess. */
export const writtenTwice = (values: readonly WrittenValue[]): ConfigurationFault[] =>
  values.flatMap((value) => {
    const other = values.find((one) => one.key === value.key && !one.isSecretFile)
    if (!value.isSecretFile || other === undefined) return []
    return [
      {
        source: value.source,
        key: value.key,
        what: 'the secret is given both as a value and as a file',
        fix: 'remove one of the two',
      },
    ]
  })
