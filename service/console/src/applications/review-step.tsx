import { Checkbox, Text, Title } from '@mantine/core'
import type { OAuthDraft } from '../oauth-configuration/draft.ts'
import { type ScopeName, useScopeNames } from '../oauth-configuration/use-scope-names.ts'
import type { FirstApi } from './create-application.ts'
import type { Details } from './details-fields.tsx'

interface Reviewed {
  readonly details: Details
  readonly draft: OAuthDraft
  readonly firstApi: FirstApi | null
}

const reachOf = (
  { draft: { client }, firstApi }: Reviewed,
  names: ReadonlyMap<string, ScopeName>,
): string => {
  if (client.trustScope === 'Account') return 'every API of the domain'
  if (client.trustScope === 'Tags') {
    return `every API tagged ${client.tags.map(({ key, value }) => `${key}=${value}`).join(' or ')}`
  }
  const byApi = new Map<string, string[]>()
  for (const fqs of client.addResources ? client.scopes : []) {
    const { api, scope } = names.get(fqs) ?? { api: 'unknown API', scope: fqs }
    byApi.set(api, [...(byApi.get(api) ?? []), scope])
  }
  if (firstApi !== null) byApi.set(firstApi.name, [firstApi.scope])
  return [...byApi].map(([api, scopes]) => `${scopes.join(', ')} of ${api}`).join('; ')
}

/** What will be, in sentences. */
const sentencesOf = (
  reviewed: Reviewed,
  names: ReadonlyMap<string, ScopeName>,
): readonly string[] => {
  const { details, draft, firstApi } = reviewed
  const { client, resource } = draft
  const name = details.name.trim()
  const said: string[] = []
  if (firstApi !== null) {
    said.push(`The API ${firstApi.name} is added, with the audience ${firstApi.audience}.`)
  }
  if (resource.configured) {
    const scopes = resource.scopes.map(({ value }) => value).join(', ') || 'no scopes yet'
    said.push(`${name} accepts tokens for ${resource.audience}, with ${scopes}.`)
  }
  if (client.configured) {
    const reach = reachOf(reviewed, names)
    said.push(
      reach === ''
        ? `${name} can get no token by scopes: none was chosen.`
        : `${name} will be able to use ${reach}.`,
    )
    if (client.addRoles && client.roles.length > 0) {
      const roles = client.roles.map(({ displayName, app }) => `${displayName} of ${app.display}`)
      said.push(`It holds ${roles.join(', ')}.`)
    }
    if (client.clientType !== 'public') {
      said.push('It proves who it is by a secret, which is shown once after Submit.')
    }
  }
  return said.length === 0 ? [`${name} neither asks for tokens nor accepts them yet.`] : said
}

/** The last step: the whole in words, and whether it works at once. */
export const ReviewStep = ({
  active,
  onActive,
  ...reviewed
}: Reviewed & { readonly active: boolean; readonly onActive: (active: boolean) => void }) => {
  const names = useScopeNames()
  return (
    <fieldset className="panel">
      <legend>Review</legend>
      <Title order={2} size="h4" className="breakable">
        {reviewed.details.name}
      </Title>
      {reviewed.details.description === '' ? null : (
        <Text size="sm" c="dimmed" className="breakable">
          {reviewed.details.description}
        </Text>
      )}
      <ul className="sentences">
        {sentencesOf(reviewed, names).map((sentence) => (
          <li key={sentence} className="breakable">
            {sentence}
          </li>
        ))}
      </ul>
      <Checkbox
        label="Activate application now"
        description="Otherwise it is added inactive, and Actions → Activate makes it work"
        checked={active}
        onChange={(event) => onActive(event.currentTarget.checked)}
      />
    </fieldset>
  )
}
