import { Badge, Button, Group, Table, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { ConfirmByName } from '../parts/confirm-by-name.tsx'
import { Moment } from '../parts/moment.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { type AppRecord, appExtension, type SecretRecord, secretsOf } from '../server/records.ts'
import { revokeSecret } from '../server/scim.ts'
import { ClientSecret } from './client-secret.tsx'
import { isLive } from './readiness.ts'

const at = (moment: string | undefined, otherwise: string) =>
  moment === undefined ? otherwise : <Moment at={moment} />

/** The soonest of what ends it. */
const endOf = ({ expires, ends }: SecretRecord): string | undefined =>
  [expires, ends].filter((each) => each !== undefined).toSorted()[0]

const StateOf = ({ secret }: { readonly secret: SecretRecord }) => {
  if (!isLive(secret, Date.now())) {
    return (
      <Badge color="gray" variant="light">
        Ended
      </Badge>
    )
  }
  return secret.ends === undefined ? (
    <Badge color="teal" variant="light">
      In use
    </Badge>
  ) : (
    <Badge color="yellow" variant="light">
      Rotated out
    </Badge>
  )
}

const RevokeSecret = ({
  app,
  secret,
}: {
  readonly app: AppRecord
  readonly secret: SecretRecord
}) => {
  const [asking, dialog] = useDisclosure(false)
  const queries = useQueryClient()
  const act = async (): Promise<void> => {
    await revokeSecret(secret.id)
    dialog.close()
    await queries.invalidateQueries()
  }
  const shown = `…${secret.ending ?? ''}`
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        color="red"
        onClick={dialog.open}
        aria-label={`Revoke ${shown}`}
      >
        Revoke
      </Button>
      {asking ? (
        <ConfirmByName
          title="Revoke client secret"
          name={app.displayName}
          act={act}
          onClose={dialog.close}
        >
          <Text size="sm" mb="md">
            Programs that use the secret {shown} are refused from now on. The others of this
            application go on working.
          </Text>
        </ConfirmByName>
      ) : null}
    </>
  )
}

const Secrets = ({
  app,
  secrets,
}: {
  readonly app: AppRecord
  readonly secrets: readonly SecretRecord[]
}) => (
  <TableCard label="Secrets">
    <Table verticalSpacing="xs" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Label</Table.Th>
          <Table.Th>Ends with</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Created</Table.Th>
          <Table.Th>Last used</Table.Th>
          <Table.Th>Expires</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {secrets.map((secret) => (
          <Table.Tr key={secret.id}>
            <Table.Td className="breakable">{secret.label || '–'}</Table.Td>
            <Table.Td ff="monospace">…{secret.ending ?? ''}</Table.Td>
            <Table.Td>
              <StateOf secret={secret} />
            </Table.Td>
            <Table.Td>{at(secret.created, '–')}</Table.Td>
            <Table.Td>{at(secret.lastUsed, 'never')}</Table.Td>
            <Table.Td>{at(endOf(secret), 'never')}</Table.Td>
            <Table.Td>
              {isLive(secret, Date.now()) ? <RevokeSecret app={app} secret={secret} /> : null}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </TableCard>
)

/** What an application proves itself by: its secrets, keys and certificates. */
export const Credentials = ({ app }: { readonly app: AppRecord }) => {
  const secrets = secretsOf(app).toSorted((a, b) => (a.created < b.created ? 1 : -1))
  const { jwks, jwksUri } = app[appExtension] ?? {}
  const keys = jwks?.keys ?? []
  const certificates = app.certificates ?? []
  return (
    <>
      <section aria-label="Client secrets" className="part">
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4">
            Client secrets
          </Title>
          <ClientSecret app={app} />
        </Group>
        {secrets.length === 0 ? (
          <Text size="sm">None was made yet. It is made when it is first shown.</Text>
        ) : (
          <Secrets app={app} secrets={secrets} />
        )}
        <Text size="sm" c="dimmed" mt="xs">
          Regenerate makes a new one beside it; the one in use goes on for as long as you choose, so
          that no program stops.
        </Text>
      </section>
      <section aria-label="Keys and certificates">
        <Title order={2} size="h4" mb="sm">
          Keys and certificates
        </Title>
        {jwksUri === undefined && keys.length + certificates.length === 0 ? (
          <Text size="sm">It has none: it proves itself by a secret.</Text>
        ) : (
          <ul className="sentences">
            {jwksUri === undefined ? null : <li className="breakable">Key set at {jwksUri}</li>}
            {keys.map(({ kid = 'without kid', kty }) => (
              <li key={kid} className="breakable">
                Public key {kid} ({kty})
              </li>
            ))}
            {certificates.map(({ certAlias, x5t }) => (
              <li key={certAlias} className="breakable">
                Certificate {certAlias}, thumbprint {x5t}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  )
}
