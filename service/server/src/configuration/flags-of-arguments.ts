import type { ConfigurationFault } from './configuration-fault.ts'
import { settingOf } from './settings.ts'
import { flagSpellings } from './written-value.ts'

/** The arguments of a command that takes settings. */
export interface Arguments {
  /** By name without dashes: what `readConfiguration` takes. */
  readonly flags: Readonly<Record<string, string>>
  /** Arguments that are no flags, flags without a value, flags given twice. */
  readonly faults: readonly ConfigurationFault[]
  readonly wantsHelp: boolean
}

/**
 * Reads `--name value` and `--name=value`; a truth value may stand without `true`, a list may be
 * given in several flags. Unknown names are kept: `readConfiguration` reports them with a proposal.
 */
export function flagsOfArguments(words: readonly string[]): Arguments {
  const flags = new Map<string, string>()
  const faults: ConfigurationFault[] = []
  let wantsHelp = false
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '--help' || word === '-h') {
      wantsHelp = true
      continue
    }
    const parts = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word)
    if (parts === null) {
      faults.push(faultOf('argument', `${at + 1} is not a flag`, 'write --name value'))
      continue
    }
    const name = parts[1] ?? ''
    let value = parts[2]
    const next = words[at + 1]
    if (value === undefined && isTruth(name)) {
      value = next === 'true' || next === 'false' ? next : 'true'
      if (next === value) at += 1
    } else if (value === undefined) {
      if (next === undefined || next.startsWith('--')) {
        faults.push(faultOf(`--${name}`, 'a value is missing', `write --${name} VALUE`))
        continue
      }
      value = next
      at += 1
    }
    const before = flags.get(name)
    if (before === undefined) flags.set(name, value)
    else if (isList(name)) flags.set(name, `${before},${value}`)
    else faults.push(faultOf(`--${name}`, 'the flag is given twice', 'give it once'))
  }
  return { flags: Object.fromEntries(flags), faults, wantsHelp }
}

const isTruth = (name: string): boolean => {
  const spelling = flagSpellings.get(name)
  return spelling !== undefined && settingOf(spelling.key).type.name === 'a truth value'
}

const isList = (name: string): boolean => {
  const spelling = flagSpellings.get(name)
  return spelling !== undefined && settingOf(spelling.key).type.isList
}

/** The word itself is not repeated: it may be a secret that stands in the wrong place. */
const faultOf = (name: string, what: string, fix: string): ConfigurationFault => ({
  source: { from: 'flag', name },
  key: null,
  what,
  fix,
})
