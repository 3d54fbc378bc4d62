import { Accordion, Button, Group, Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import {
  type AppRecord,
  type GranteeType,
  type GrantRecord,
  type RoleRecord,
  roleExtension,
} from '../server/records.ts'
import { itemsOf, list, listGrants, quoted } from '../server/scim.ts'
import { AddRoleDialog } from './add-role-dialog.tsx'
import { AssignDrawer } from './assign-drawer.tsx'

const kinds: readonly { readonly type: GranteeType; readonly label: string }[] = [
  { type: 'User', label: 'Assigned users' },
  { type: 'Group', label: 'Assigned groups' },
  { type: 'App', label: 'Assigned applications' },
]

const manageWords = {
  User: 'Manage users',
  Group: 'Manage groups',
  App: 'Manage applications',
} as const

const Assigned = ({
  role,
  type,
  label,
  grants,
}: {
  readonly role: RoleRecord
  readonly type: GranteeType
  readonly label: string
  readonly grants: readonly GrantRecord[]
}) => {
  const [opened, drawer] = useDisclosure(false)
  const count = grants.filter(({ grantee }) => grantee.type === type).length
  return (
    <Group justify="space-between" py={6}>
      <Text size="sm">
        {label}: <strong>{count}</strong>
      </Text>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            rightSection={<IconChevronDown size={14} />}
            aria-label={`Actions: ${label}`}
          >
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={drawer.open}>{manageWords[type]}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {opened ? (
        <AssignDrawer
          role={role}
          type={type}
          title={`${role.displayName}: ${label.toLowerCase()}`}
          grants={grants}
          onClose={drawer.close}
        />
      ) : null}
    </Group>
  )
}

const isOffered = (role: RoleRecord, type: GranteeType): boolean =>
  ({
    User: role.availableToUsers === true,
    Group: role.availableToGroups === true,
    App: role.availableToClients !== false,
  })[type]

const RolePanel = ({ role }: { readonly role: RoleRecord }) => {
  const grants = useQuery({
    queryKey: ['grants', role.id],
    queryFn: () => listGrants(role.id),
  })
  const scopes = role[roleExtension]?.scopes ?? []
  if (grants.isPending) return <Loading height={80} />
  if (grants.isError) return <FaultNotice fault={grants.error} retry={() => grants.refetch()} />
  return (
    <>
      {role.description ? (
        <Text size="sm" c="dimmed">
          {role.description}
        </Text>
      ) : null}
      {scopes.length > 0 ? (
        <Text size="sm" className="breakable">
          Confers {scopes.join(', ')}
        </Text>
      ) : null}
      {kinds
        .filter(({ type }) => isOffered(role, type))
        .map(({ type, label }) => (
          <Assigned key={type} role={role} type={type} label={label} grants={grants.data} />
        ))}
    </>
  )
}

/** The roles that an application defines, and who holds them. */
export const ApplicationRoles = ({ app }: { readonly app: AppRecord }) => {
  const [adding, dialog] = useDisclosure(false)
  const [expanded, setExpanded] = useState<string[]>([])
  const roles = useQuery({
    queryKey: ['roles', 'of', app.id],
    queryFn: async () =>
      itemsOf(
        await list<RoleRecord>('AppRoles', {
          filter: `app.value eq ${quoted(app.id)}`,
          sortBy: 'displayName',
          count: 200,
        }),
      ),
  })
  if (roles.isPending) return <Loading height={160} />
  if (roles.isError) return <FaultNotice fault={roles.error} retry={() => roles.refetch()} />
  return (
    <>
      {app.id === 'IDCSAppId' ? null : (
        <Group justify="flex-end" mb="md">
          <Button variant="light" leftSection={<IconPlus size={16} />} onClick={dialog.open}>
            Add application role
          </Button>
        </Group>
      )}
      <AddRoleDialog app={app} opened={adding} onClose={dialog.close} />
      {roles.data.length === 0 ? (
        <Text size="sm">
          It defines no roles. A role can be assigned to applications, and may confer scopes.
        </Text>
      ) : null}
      <Accordion
        multiple
        variant="separated"
        order={2}
        value={expanded}
        onChange={setExpanded}
        keepMounted={false}
      >
        {roles.data.map((role) => (
          <Accordion.Item key={role.id} value={role.id}>
            <Accordion.Control>{role.displayName}</Accordion.Control>
            <Accordion.Panel>
              <RolePanel role={role} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </>
  )
}
