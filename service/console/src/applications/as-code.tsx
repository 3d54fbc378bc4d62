import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../frame/session-context.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { SaveButton } from '../parts/save-button.tsx'
import type { AppRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'
import { accessByApi, commandLines, domainFile, scimRequest } from './code-of-application.ts'
import { objectName } from './secret-files.ts'

/** The same object for the command line, the domain file and the API; no secret is in any. */
export const AsCode = ({ app }: { readonly app: AppRecord }) => {
  const { domain } = useSession().session
  const scopes = (app.allowedScopes ?? []).map(({ fqs }) => fqs)
  const apis = useQuery({
    queryKey: ['apis', 'of', scopes],
    enabled: scopes.length > 0,
    queryFn: async () =>
      itemsOf(
        await list<AppRecord>('Apps', {
          filter: scopes
            .slice(0, 20)
            .map((fqs) => `scopes.fqs eq ${quoted(fqs)}`)
            .join(' or '),
          attributes: 'displayName,scopes',
        }),
      ),
  })
  const access = accessByApi(app, apis.data ?? [])
  const file = domainFile(app, access)
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        The same application elsewhere. Secrets are in none of these.
      </Text>
      <CodeBlock label="Command line" text={commandLines(app, access)} />
      <CodeBlock label="Domain file" text={file} />
      <Group mb="md">
        <SaveButton
          label="Download domain file"
          name={`${objectName(app.displayName)}.yaml`}
          type="application/yaml"
          text={file}
        />
      </Group>
      <CodeBlock label="SCIM request" text={scimRequest(app, domain.url)} />
    </>
  )
}
