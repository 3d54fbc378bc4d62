import { Group, Text } from '@mantine/core'
import { useSession } from '../frame/session-context.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { CopyValue } from '../parts/copy-value.tsx'
import { SaveButton } from '../parts/save-button.tsx'
import type { AppRecord } from '../server/records.ts'
import { kubernetesSecret, objectName, variablesFile } from './secret-files.ts'

interface Minted {
  readonly app: AppRecord
  readonly secret: string
}

/** The one time that a secret is seen; whoever shows it keeps it in memory only. */
export const SecretOnce = ({ secret }: Pick<Minted, 'secret'>) => (
  <>
    <Text size="sm">
      It is shown this once. The server keeps a digest and cannot show it again; a lost secret is
      replaced by a new one.
    </Text>
    <div className="secret">
      <CopyValue label="client secret" value={secret} />
    </div>
  </>
)

/** The same as files for where the application runs. */
export const SecretFiles = ({ app, secret }: Minted) => {
  const { domain } = useSession().session
  const facts = { issuer: domain.issuer, clientId: app.name, secret }
  const variables = variablesFile(facts)
  const manifest = kubernetesSecret(facts)
  return (
    <>
      <CodeBlock label=".env" text={variables} />
      <CodeBlock label="Kubernetes Secret" text={manifest} />
      <Group gap="xs">
        <SaveButton label="Download .env" name=".env" type="text/plain" text={variables} />
        <SaveButton
          label="Download Kubernetes Secret"
          name={`mintmark-${objectName(app.name)}.yaml`}
          type="application/yaml"
          text={manifest}
        />
      </Group>
    </>
  )
}
