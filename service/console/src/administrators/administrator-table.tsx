import { Anchor, Button, Group, Modal, Table, Text } from '@mantine/core'
import { IconApps, IconUser, IconUsers } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { removeGrant } from '../server/scim.ts'
import type { Administrator } from './administrators.ts'

const kinds = {
  App: { label: 'Application', icon: IconApps },
  User: { label: 'User', icon: IconUser },
  Group: { label: 'Group: every member', icon: IconUsers },
} as const

const RemoveDialog = ({
  holder: { grant, role, name },
  onClose,
}: {
  readonly holder: Administrator
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const removing = useMutation({
    mutationFn: () => removeGrant(grant.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['grants'] })
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title="Remove role">
      <Text size="sm" mb="md" className="breakable">
        {name} is no {role.displayName} any more from its next request, with the tokens and sessions
        that it has now.
      </Text>
      {removing.isError ? <FaultNotice fault={removing.error} /> : null}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          data-autofocus
          color="red"
          loading={removing.isPending}
          onClick={() => removing.mutate()}
        >
          Remove role
        </Button>
      </Group>
    </Modal>
  )
}

const HolderRow = ({
  holder,
  onRemove,
}: {
  readonly holder: Administrator
  readonly onRemove: () => void
}) => {
  const { grant, role, type, name } = holder
  const { label, icon: KindIcon } = kinds[type]
  return (
    <Table.Tr>
      <Table.Td className="breakable">
        {type === 'App' ? (
          <Anchor component={Link} href={`/applications/${grant.grantee.value}`} size="sm" fw={600}>
            {name}
          </Anchor>
        ) : (
          <strong>{name}</strong>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <KindIcon size={16} aria-hidden />
          {label}
        </Group>
      </Table.Td>
      <Table.Td>{role.displayName}</Table.Td>
      <Table.Td ta="right">
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={`Remove ${role.displayName} from ${name}`}
          onClick={onRemove}
        >
          Remove
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}

/** One row for each grant of a role. */
export const AdministratorTable = ({ holders }: { readonly holders: readonly Administrator[] }) => {
  const [removing, setRemoving] = useState<Administrator | null>(null)
  return (
    <>
      <TableCard label="Who holds which role">
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {holders.map((holder) => (
              <HolderRow
                key={holder.grant.id}
                holder={holder}
                onRemove={() => setRemoving(holder)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </TableCard>
      {removing === null ? null : (
        <RemoveDialog holder={removing} onClose={() => setRemoving(null)} />
      )}
    </>
  )
}
