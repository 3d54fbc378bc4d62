import { Checkbox, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { SearchDrawer } from '../parts/search-drawer.tsx'
import type { RoleRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'

const rolesShown = 100

const wordsOf = ({ app, description = '' }: RoleRecord): string =>
  description === '' ? `of ${app.display}` : `of ${app.display}: ${description}`

const findRoles = async (words: string): Promise<readonly RoleRecord[]> => {
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
  const [chosen, setChosen] = useState<readonly RoleRecord[]>([])
  const has = (all: readonly RoleRecord[], { id }: RoleRecord): boolean =>
    all.some((each) => each.id === id)
  const close = (): void => {
    setChosen([])
    onClose()
  }
  const add = (): void => {
    onAdd(chosen)
    close()
  }
  return (
    <SearchDrawer
      opened={opened}
      title="Add app roles"
      placeholder="Name of a role"
      name={['roles', 'for-clients']}
      find={findRoles}
      nothing={() => <Text size="sm">No role is found.</Text>}
      act={{ label: 'Add', go: chosen.length === 0 ? null : add }}
      onClose={close}
    >
      {(roles) => (
        <Stack gap="sm">
          {roles.map((role) => (
            <Checkbox
              key={role.id}
              label={role.displayName}
              description={wordsOf(role)}
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
      )}
    </SearchDrawer>
  )
}
