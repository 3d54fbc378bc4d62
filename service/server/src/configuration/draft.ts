import type { ConfigurationFault, ValueSource } from './configuration-fault.ts'
import type { SettingKey, SettingValues } from './settings.ts'

/** Values that were read, before they are checked against each other and against the disk. */
export interface Draft {
  /** Undefined where what was written is no value: that is reported already. */
  readonly value: <Key extends SettingKey>(key: Key) => SettingValues[Key] | undefined
  readonly isSet: (key: SettingKey) => boolean
  readonly source: (key: SettingKey) => ValueSource
  readonly fault: (key: SettingKey, mistake: Mistake) => void
  readonly warn: (key: SettingKey, mistake: Mistake) => void
}

export type Mistake = Pick<ConfigurationFault, 'what' | 'why' | 'fix'>
