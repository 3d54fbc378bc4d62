import { Button, Group, Modal, NativeSelect, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { AssignDrawer } from '../cloud-services/assign-drawer.tsx'
import type { GranteeType } from '../server/records.ts'
import type { Administrators } from './administrators.ts'

const kinds = [
  { type: 'User', label: 'Users' },
  { type: 'Group', label: 'Groups' },
  { type: 'App', label: 'Applications' },
] as const

/** Which role, for whom; then the same choice as for every other role. */
export const AddAdministrator = ({
  roles,
  grants,
  onClose,
}: Pick<Administrators, 'roles' | 'grants'> & { readonly onClose: () => void }) => {
  const [roleId, setRoleId] = useState(roles[0]?.id ?? '')
  const [type, setType] = useState<GranteeType>('User')
  const [choosing, setChoosing] = useState(false)
  const role = roles.find(({ id }) => id === roleId)
  if (choosing && role !== undefined) {
    const held = grants.filter(({ entitlement }) => entitlement.attributeValue === role.id)
    const title = `${role.displayName}: ${kinds.find((kind) => kind.type === type)?.label}`
    return <AssignDrawer role={role} type={type} title={title} grants={held} onClose={onClose} />
  }
  return (
    <Modal opened onClose={onClose} title="Add administrator">
      <Stack>
        <NativeSelect
          label="Administrator role"
          value={roleId}
          data={roles.map(({ id, displayName }) => ({ value: id, label: displayName }))}
          onChange={(event) => setRoleId(event.currentTarget.value)}
        />
        <Text size="sm">{role?.description}</Text>
        <Radio.Group
          label="For"
          value={type}
          onChange={(value) => setType(kinds.find((kind) => kind.type === value)?.type ?? 'User')}
        >
          <Group mt="xs">
            {kinds.map(({ type: value, label }) => (
              <Radio key={value} value={value} label={label} />
            ))}
          </Group>
        </Radio.Group>
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={role === undefined} onClick={() => setChoosing(true)}>
          Choose…
        </Button>
      </Group>
    </Modal>
  )
}
