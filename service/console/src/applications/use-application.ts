import { useQuery } from '@tanstack/react-query'
import type { AppRecord, RoleRecord } from '../server/records.ts'
import { readApp } from '../server/scim.ts'

export const applicationKey = (id: string) => ['apps', 'one', id]

/** One application with the version that was read; null: none. */
export const useApplication = (id: string | null) =>
  useQuery({
    queryKey: applicationKey(id ?? ''),
    queryFn: () => readApp(id ?? ''),
    enabled: id !== null,
  })

/** The roles that an application holds, as far as its record tells. */
export const heldRoles = (app: AppRecord): readonly RoleRecord[] =>
  (app.grantedAppRoles ?? []).map(({ value, display = value, appId = '', appName = '' }) => ({
    id: value,
    displayName: display,
    app: { value: appId, display: appName },
  }))
