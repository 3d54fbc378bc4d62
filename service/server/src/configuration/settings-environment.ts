import type { ConfigurationFault } from './configuration-fault.ts'
import { settingOf } from './settings.ts'
import {
  environmentSpellings,
  flagSpellings,
  splitText,
  unknownName,
  type WrittenLevel,
  type WrittenValue,
  writtenTwice,
} from './written-value.ts'

const prefix = 'MINTMARK_'

/** Names the configuration file. */
export const fileVariable = 'MINTMARK_CONFIG'

/** Variables of the client library and the command line, which may be set beside ours. */
const variablesOfCallers: ReadonlySet<string> = new Set([
  'MINTMARK_CLIENT_ID',
  'MINTMARK_CLIENT_SECRET',
  'MINTMARK_CLIENT_SECRET_FILE',
  'MINTMARK_AUDIENCE',
])

/** What Kubernetes sets in every pod beside a service that is called "mintmark". */
const variablesOfKubernetes =
  /^MINTMARK_(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/

/** What the environment says. An empty variable counts as not set, as Compose files write it. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string,
): WrittenLevel {
  const values: WrittenValue[] = []
  const faults: ConfigurationFault[] = []
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || text === undefined || text === '') continue
    if (name === fileVariable || variablesOfCallers.has(name)) continue
    if (variablesOfKubernetes.test(name)) continue
    const source = { from: 'environment', name } as const
    const spelling = environmentSpellings.get(name)
    if (spelling === undefined) {
      faults.push(unknownName(source, name, [...environmentSpellings.keys(), fileVariable]))
      continue
    }
    const texts = splitText(spelling.key, text, source)
    values.push({ ...spelling, texts, source, directory })
  }
  return { values, faults: [...faults, ...writtenTwice(values)] }
}

/** What the flags say, by their names without dashes. */
export function readFlags(
  flags: Readonly<Record<string, string>>,
  directory: string,
): WrittenLevel {
  const values: WrittenValue[] = []
  const faults: ConfigurationFault[] = []
  for (const [name, text] of Object.entries(flags)) {
    if (name === 'config') continue
    const source = { from: 'flag', name: `--${name}` } as const
    const spelling = flagSpellings.get(name)
    if (spelling === undefined) {
      faults.push(unknownName(source, name, [...flagSpellings.keys(), 'config']))
    } else if (settingOf(spelling.key).isSecret === true && !spelling.isSecretFile) {
      faults.push(secretAsFlag(source.name, spelling.key))
    } else {
      values.push({ ...spelling, texts: splitText(spelling.key, text, source), source, directory })
    }
  }
  return { values, faults }
}

const secretAsFlag = (name: string, key: string): ConfigurationFault => ({
  source: { from: 'flag', name },
  key,
  what: 'a secret cannot be given as an argument',
  why: 'everyone on the machine can read the arguments of a process; consider it known by now',
  fix: `make another secret, write it to a file of your own, and give ${name}-file`,
})
