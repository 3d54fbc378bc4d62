import { type Answer, send } from '../server/request.ts'

/** A setting of the server process: it changes where it was set, and with a restart. */
export interface ServerSetting {
  readonly key: string
  readonly group: string
  readonly value: string | null
  readonly isSecret: boolean
  readonly source: {
    readonly from: 'default' | 'environment' | 'file' | 'flag'
    readonly place: string | null
  }
  readonly description: string
}

/** What holds for the whole domain; in the database, for every server of it. */
export interface DomainSettings {
  readonly issuer: string
  readonly signingCertPublicAccess: boolean
}

export const readServerSettings = async (): Promise<readonly ServerSetting[]> =>
  (await send<{ settings: readonly ServerSetting[] }>('GET', '/api/v1/settings')).body.settings

const domainPath = '/admin/v1/Settings/Settings'

export const readDomainSettings = (): Promise<Answer<DomainSettings>> =>
  send<DomainSettings>('GET', domainPath)

/** @param version the ETag that was read */
export const changeDomainSettings = (
  wanted: DomainSettings,
  version: string | null,
): Promise<unknown> =>
  send(
    'PATCH',
    domainPath,
    {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: Object.entries(wanted).map(([path, value]) => ({ op: 'replace', path, value })),
    },
    version,
  )

/** Settings under the heading of their group, in the order in which the server tells them. */
export const byGroup = (
  settings: readonly ServerSetting[],
): readonly (readonly [string, readonly ServerSetting[]])[] =>
  [...new Set(settings.map(({ group }) => group))].map((group) => [
    group,
    settings.filter((each) => each.group === group),
  ])
