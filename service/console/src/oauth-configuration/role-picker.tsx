import { Button, Checkbox, Drawer, Group, Loader, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { RoleRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'

const rolesShown = 100

const findRoles = async (text: string): Promise<readonly RoleRecord[]> => {
  const words = text.trim()
  const match = words === '' ? '' : ` and displayName co ${quoted(words)}`
  return itemsOf(
    await list<RoleRecord>('AppRoles', {
      filter: `availableToClients eq true${match}`,
      sortBy: 'displayName',
      count: rolesShown,
    }),
  )
}

/** App roles of any application that applications may hold. */
export const RolePicker = ({
  opened,
  taken,
  onClose,
  onAdd,
}: {
  readonly opened: boolean
  readonly taken: readonly RoleRecord[]
  readonly onClose: () => void
  readonly onAdd: (roles: readonly RoleRecord[]) => void
}) => {
  const [text, setText] = useState('')
  const [wanted] = useDebouncedValue(text, 150)
  const [chosen, setChosen] = useState<readonly RoleRecord[]>([])
  const roles = useQuery({
    queryKey: ['roles', 'for-clients', wanted],
    queryFn: () => findRoles(wanted),
    enabled: opened,
  })
  const has = (all: readonly RoleRecord[], { id }: RoleRecord): boolean =>
    all.some((each) => each.id === id)
  const close = (): void => {
    setChosen([])
    onClose()
  }
  return (
    <Drawer opened={opened} onClose={close} title="Add app roles" size="lg">
      <TextInput
        label="Search"
        placeholder="Name of a role"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
        mb="md"
      />
      {roles.isPending ? <Loader size="sm" aria-label="Loading" /> : null}
      {roles.isError ? <FaultNotice fault={roles.error} retry={() => roles.refetch()} /> : null}
      {roles.data?.length === 0 ? <Text size="sm">No role is found.</Text> : null}
      <Stack gap="sm">
        {(roles.data ?? []).map((role) => (
          <Checkbox
            key={role.id}
            label={role.displayName}
            description={`of ${role.app.display}${role.description ? `: ${role.description}` : ''}`}
            checked={has(chosen, role) || has(taken, role)}
            disabled={has(taken, role)}
            onChange={(event) => {
              const on = event.currentTarget.checked
              setChosen((before) =>
                on ? [...before, role] : before.filter(({ id }) => id !== role.id),
              )
            }}
          />
        ))}
      </Stack>
      <Group justify="flex-end" className="drawer-actions">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          disabled={chosen.length === 0}
          onClick={() => {
            onAdd(chosen)
            close()
          }}
        >
          Add
        </Button>
      </Group>
    </Drawer>
  )
}
