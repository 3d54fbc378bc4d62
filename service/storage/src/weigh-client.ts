import type { LoadedClient } from './client-snapshot.ts'

const usualBytes = 1024

/** How much room a client takes, in those of usual size: a large one must not pass for one. */
export const weighClient = ({
  application,
  secrets,
  certificates,
  roleIds,
}: LoadedClient): number => {
  const { client, tags, displayName, description, resourceServer } = application
  let bytes = 320 + displayName.length + (description?.length ?? 0)
  bytes += secrets.length * 400 + roleIds.size * 80 + tags.length * 200
  for (const { der } of certificates) bytes += 600 + der.length
  for (const key of client?.jwks ?? []) bytes += 2 * JSON.stringify(key).length
  for (const anchor of client?.certificateAnchors ?? []) bytes += anchor.length
  for (const { value } of resourceServer?.scopes ?? []) bytes += 200 + value.length
  // most lists of scopes are shared with others; long ones may not be
  const { allowedScopes = [], allowedTags = [] } = client?.policy ?? {}
  bytes += Math.max(0, allowedScopes.length + allowedTags.length - 4) * 150
  return Math.max(1, Math.ceil(bytes / usualBytes))
}
