import { Button, Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconChevronDown,
  IconHelpHexagon,
  IconPlayerPlay,
  IconPower,
  IconTrash,
} from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { ConfirmByName } from '../parts/confirm-by-name.tsx'
import type { AppRecord } from '../server/records.ts'
import { deleteApp } from '../server/scim.ts'

const DeletionDialog = ({
  app,
  onClose,
}: {
  readonly app: AppRecord
  readonly onClose: () => void
}) => {
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const act = async (): Promise<void> => {
    await deleteApp(app.id)
    navigate('/applications')
    await queries.invalidateQueries()
  }
  return (
    <ConfirmByName title="Delete application" name={app.displayName} act={act} onClose={onClose}>
      <Text size="sm" mb="md">
        {app.displayName} and its secrets are removed for good; tokens that were issued to it end at
        once. An active application has to be deactivated before.
      </Text>
    </ConfirmByName>
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
      {deleting ? <DeletionDialog app={app} onClose={deletion.close} /> : null}
    </>
  )
}
