import { Button, Group, Menu, Modal, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconChevronDown,
  IconHelpHexagon,
  IconPlayerPlay,
  IconPower,
  IconTrash,
} from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { AppRecord } from '../server/records.ts'
import { deleteApp } from '../server/scim.ts'

const DeletionDialog = ({
  app,
  opened,
  onClose,
}: {
  readonly app: AppRecord
  readonly opened: boolean
  readonly onClose: () => void
}) => {
  const [typed, setTyped] = useState('')
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const deletion = useMutation({
    mutationFn: () => deleteApp(app.id),
    onSuccess: async () => {
      navigate('/applications')
      await queries.invalidateQueries()
    },
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Delete application">
      <Text size="sm" mb="md">
        {app.displayName} and its secrets are removed for good; tokens that were issued to it end at
        once. An active application has to be deactivated before.
      </Text>
      {deletion.isError ? <FaultNotice fault={deletion.error} /> : null}
      <TextInput
        label={`Type the name to confirm: ${app.displayName}`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="red"
          disabled={typed !== app.displayName}
          loading={deletion.isPending}
          onClick={() => deletion.mutate()}
        >
          Delete application
        </Button>
      </Group>
    </Modal>
  )
}

/** *Actions*, as at the top of the page in the guides. */
export const ActionsMenu = ({
  app,
  onActivation,
}: {
  readonly app: AppRecord
  readonly onActivation: () => void
}) => {
  const [deleting, deletion] = useDisclosure(false)
  return (
    <>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} />}>
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPower size={16} />} onClick={onActivation}>
            {app.active ? 'Deactivate' : 'Activate'}
          </Menu.Item>
          {app.isOAuthClient ? (
            <>
              <Menu.Item
                component={Link}
                href={`/playground?client=${app.id}`}
                leftSection={<IconPlayerPlay size={16} />}
              >
                Get a token
              </Menu.Item>
              <Menu.Item
                component={Link}
                href={`/explain?client=${encodeURIComponent(app.name)}`}
                leftSection={<IconHelpHexagon size={16} />}
              >
                Explain
              </Menu.Item>
            </>
          ) : null}
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={deletion.open}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeletionDialog app={app} opened={deleting} onClose={deletion.close} />
    </>
  )
}
