import { useQuery } from '@tanstack/react-query'
import type { AppRecord, RoleRecord } from '../server/records.ts'
import { readApp } from '../server/scim.ts'

export const applicationKey = (id: string) => ['apps', 'one', id]

/** One application with the version that was read. */
export const useApplication = (id: string) =>
  useQuery({ queryKey: applicationKey(id), queryFn: () => readApp(id) })

/** The roles that an application holds, as far as its record tells. */
export const heldRoles = (app: AppRecord): readonly RoleRecord[] =>
  (app.grantedAppRoles ?? []).map(({ value, display = value, appId = '', appName = '' }) => ({
    id: value,
    displayName: display,
    app: { value: appId, display: appName },
  }))
