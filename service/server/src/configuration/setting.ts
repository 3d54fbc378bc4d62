import type { SettingType } from './setting-types.ts'

/** One row of the table of settings. */
export interface Setting {
  readonly group: SettingGroup
  readonly environment: `MINTMARK_${string}`
  /** Without `--`. A secret has only the form with `-file`: arguments are public on a machine. */
  readonly flag: string
  readonly type: SettingType<unknown>
  /** As it would be written; null: there is none. */
  readonly default: string | null
  /** What stands in for a default that is computed. */
  readonly defaultWords?: string
  readonly isSecret?: true
  /** Whether a reload (SIGHUP) reads the files anew that the setting names. */
  readonly isReloaded?: true
  readonly description: string
}

/** The descriptions are written for a page: links and marks are of no use elsewhere. */
export const plainDescription = (description: string): string =>
  description.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')

export const settingGroups = [
  'Data and keys',
  'Addresses',
  'Doors',
  'Processes and log',
  'First administrator',
  'Audit and limits',
] as const
export type SettingGroup = (typeof settingGroups)[number]
