import { Checkbox, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { SearchDrawer } from '../parts/search-drawer.tsx'
import type { GranteeType, GrantRecord, PersonRecord, RoleRecord } from '../server/records.ts'
import { assignRole, itemsOf, list, quoted, removeGrant } from '../server/scim.ts'

const shown = 100
const sources = {
  App: {
    resource: 'Apps',
    nameField: 'displayName',
    only: 'isOAuthClient eq true',
    attributes: 'displayName',
  },
  User: { resource: 'Users', nameField: 'userName', only: '', attributes: 'userName,displayName' },
  Group: { resource: 'Groups', nameField: 'displayName', only: '', attributes: 'displayName' },
} as const

const findHolders = async (type: GranteeType, words: string): Promise<readonly PersonRecord[]> => {
  const { resource, nameField, only, attributes } = sources[type]
  const match = words === '' ? '' : `${nameField} co ${quoted(words)}`
  const filter = [only, match].filter((part) => part !== '').join(' and ')
  return itemsOf(
    await list<PersonRecord>(resource, { filter, sortBy: nameField, count: shown, attributes }),
  )
}

interface Change {
  readonly added: readonly string[]
  readonly removed: readonly GrantRecord[]
}

/** Who of one kind holds a role: tick, untick, assign. */
export const AssignDrawer = ({
  role,
  type,
  title,
  grants,
  onClose,
}: {
  readonly role: RoleRecord
  readonly type: GranteeType
  readonly title: string
  readonly grants: readonly GrantRecord[]
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const before = grants.filter(({ grantee }) => grantee.type === type)
  const [held, setHeld] = useState<readonly string[]>(() =>
    before.map((each) => each.grantee.value),
  )
  const change: Change = {
    added: held.filter((id) => !before.some(({ grantee }) => grantee.value === id)),
    removed: before.filter(({ grantee }) => !held.includes(grantee.value)),
  }
  const assigning = useMutation({
    mutationFn: async ({ added, removed }: Change) => {
      for (const id of added) await assignRole(role, type, id)
      for (const { id } of removed) await removeGrant(id)
    },
    onSuccess: async () => {
      await queries.invalidateQueries()
      onClose()
    },
  })
  const nothing = change.added.length + change.removed.length === 0
  const label = change.removed.length > 0 && change.added.length === 0 ? 'Remove' : 'Assign'
  return (
    <SearchDrawer
      opened
      title={title}
      name={['holders', type]}
      find={(words) => findHolders(type, words)}
      nothing={() => <Text size="sm">Nobody is found.</Text>}
      act={{
        label,
        busy: assigning.isPending,
        go: nothing ? null : () => assigning.mutate(change),
      }}
      below={assigning.isError ? <FaultNotice fault={assigning.error} /> : null}
      onClose={onClose}
    >
      {(found) => (
        <Stack gap="sm">
          {found.map(({ id, displayName, userName }) => (
            <Checkbox
              key={id}
              label={userName ?? displayName ?? id}
              checked={held.includes(id)}
              onChange={(event) => {
                const on = event.currentTarget.checked
                setHeld((all) => (on ? [...all, id] : all.filter((each) => each !== id)))
              }}
            />
          ))}
        </Stack>
      )}
    </SearchDrawer>
  )
}
