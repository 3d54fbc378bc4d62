import { ActionIcon, Button, Group, Radio, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { ClientDraft } from './draft.ts'
import { RolePicker } from './role-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'
import { TagEditor } from './tag-editor.tsx'
import { useScopeNames } from './use-scope-names.ts'

interface PolicyProps {
  readonly draft: ClientDraft
  /** Shown where there are no resources to choose from yet. */
  readonly besideResources?: ReactNode
  readonly onChange: (changes: Partial<ClientDraft>) => void
}

const Resources = ({ draft, besideResources, onChange }: PolicyProps) => {
  const [picking, picker] = useDisclosure(false)
  const names = useScopeNames()
  return (
    <section aria-label="Resources">
      <Group justify="space-between" mb="xs">
        <Title order={3} size="h5">
          Resources
        </Title>
        <Button
          size="xs"
          variant="light"
          leftSection={<IconPlus size={16} />}
          onClick={picker.open}
        >
          Add scope
        </Button>
      </Group>
      {draft.scopes.length === 0 ? (
        <Text size="sm" c="dimmed">
          No scope yet: this application can get no token.
        </Text>
      ) : (
        <div className="table-card">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>API</Table.Th>
                <Table.Th>Scope</Table.Th>
                <Table.Th aria-label="Remove" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {draft.scopes.map((fqs) => (
                <Table.Tr key={fqs}>
                  <Table.Td>{names.get(fqs)?.api ?? '–'}</Table.Td>
                  <Table.Td className="breakable" title={fqs}>
                    {names.get(fqs)?.scope ?? fqs}
                  </Table.Td>
                  <Table.Td ta="right">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={`Remove ${fqs}`}
                      onClick={() =>
                        onChange({ scopes: draft.scopes.filter((each) => each !== fqs) })
                      }
                    >
                      <IconX size={16} />
                    </ActionIcon>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {besideResources}
      <ScopePicker
        opened={picking}
        taken={draft.scopes}
        onClose={picker.close}
        onAdd={(scopes) => onChange({ scopes: [...draft.scopes, ...scopes] })}
      />
    </section>
  )
}

const Roles = ({ draft, onChange }: PolicyProps) => {
  const [picking, picker] = useDisclosure(false)
  return (
    <section aria-label="App roles">
      <Group justify="space-between" mb="xs">
        <Title order={3} size="h5">
          App roles
        </Title>
        <Button
          size="xs"
          variant="light"
          leftSection={<IconPlus size={16} />}
          onClick={picker.open}
        >
          Add roles
        </Button>
      </Group>
      {draft.roles.map((role) => (
        <Group key={role.id} justify="space-between" wrap="nowrap">
          <Text size="sm" className="breakable">
            {role.displayName} <Text span c="dimmed" inherit>{`of ${role.app.display}`}</Text>
          </Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${role.displayName}`}
            onClick={() => onChange({ roles: draft.roles.filter(({ id }) => id !== role.id) })}
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <RolePicker
        opened={picking}
        taken={draft.roles}
        onClose={picker.close}
        onAdd={(roles) => onChange({ roles: [...draft.roles, ...roles] })}
      />
    </section>
  )
}

/** *Token issuance policy*: which scopes its tokens may carry. */
export const TokenPolicy = ({ draft, besideResources, onChange }: PolicyProps) => (
  <section aria-label="Token issuance policy">
    <Title order={2} size="h4" mb="sm">
      Token issuance policy
    </Title>
    <Stack gap="lg">
      <Radio.Group
        label="Authorized resources"
        value={draft.trustScope}
        onChange={(value) => onChange({ trustScope: value as ClientDraft['trustScope'] })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="Account" label="All" description="Every API of the domain" />
          <Radio value="Tags" label="Tagged" description="Every API with one of the tags below" />
          <Radio
            value="Explicit"
            label="Specific"
            description="Only what is listed below. Some guides call this choice Confidential"
          />
        </Stack>
      </Radio.Group>
      {draft.trustScope === 'Tags' ? (
        <TagEditor tags={draft.tags} onChange={(tags) => onChange({ tags })} />
      ) : null}
      {draft.trustScope === 'Explicit' ? (
        <Switch
          label="Add Resources"
          checked={draft.addResources}
          onChange={(event) => onChange({ addResources: event.currentTarget.checked })}
        />
      ) : null}
      {draft.trustScope === 'Explicit' && draft.addResources ? (
        <Resources draft={draft} besideResources={besideResources} onChange={onChange} />
      ) : null}
      <Switch
        label="Add app roles"
        checked={draft.addRoles}
        onChange={(event) => onChange({ addRoles: event.currentTarget.checked })}
      />
      {draft.addRoles ? <Roles draft={draft} onChange={onChange} /> : null}
    </Stack>
  </section>
)
