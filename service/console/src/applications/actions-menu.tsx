import { Button, Menu, Text } from '@mantine/core'
import {
  IconChevronDown,
  IconCopy,
  IconDownload,
  IconHelpHexagon,
  IconPlayerPlay,
  IconPower,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { isMobile } from '../oauth-configuration/draft.ts'
import { ConfirmByName } from '../parts/confirm-by-name.tsx'
import { useFilters } from '../parts/use-filters.ts'
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

/** The workflow that makes another one like it. */
const kindForCopy = (app: AppRecord): string => {
  if (app.isOAuthResource && !app.isOAuthClient) return 'api'
  return isMobile(app) ? 'mobile' : 'confidential'
}

/** *Actions*, as at the top of the page in the guides. */
export const ActionsMenu = ({
  app,
  onActivation,
}: {
  readonly app: AppRecord
  readonly onActivation: () => void
}) => {
  const [filters, change] = useFilters()
  const deleting = filters.get('do') === 'delete'
  const takesSecret = app.isOAuthClient === true && app.clientType !== 'public'
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
          {takesSecret ? (
            <Menu.Item
              component={Link}
              href={`/applications/${app.id}?tab=credentials`}
              leftSection={<IconRefresh size={16} />}
            >
              Rotate secret
            </Menu.Item>
          ) : null}
          <Menu.Item
            component={Link}
            href={`/applications/add/${kindForCopy(app)}?from=${app.id}`}
            leftSection={<IconCopy size={16} />}
          >
            Duplicate
          </Menu.Item>
          <Menu.Item
            component={Link}
            href={`/applications/${app.id}?tab=code`}
            leftSection={<IconDownload size={16} />}
          >
            Export
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={() => change({ do: 'delete' })}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deleting ? <DeletionDialog app={app} onClose={() => change({ do: '' })} /> : null}
    </>
  )
}
