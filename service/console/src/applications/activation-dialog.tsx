import { Button, Group, Modal, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { AppRecord } from '../server/records.ts'
import { setActive } from '../server/scim.ts'

const consequences = {
  activate: 'It can ask for tokens from now on, if it is a client, and its tokens are accepted.',
  deactivate:
    'No new tokens from this moment. Tokens that it already has end at once: introspection says ' +
    'inactive, and guards that follow the revocation feed refuse them within a second. ' +
    'Activating it again does not bring those tokens back.',
}

/** Says what will happen before it does. */
export const ActivationDialog = ({
  app,
  opened,
  onClose,
}: {
  readonly app: AppRecord
  readonly opened: boolean
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const verb = app.active ? 'deactivate' : 'activate'
  const name = app.active ? 'Deactivate application' : 'Activate application'
  const change = useMutation({
    mutationFn: () => setActive(app.id, !app.active),
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries()
    },
  })
  return (
    <Modal opened={opened} onClose={onClose} title={`${name}: ${app.displayName}`}>
      <Text size="sm">{consequences[verb]}</Text>
      {change.isError ? <FaultNotice fault={change.error} /> : null}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          data-autofocus
          {...(app.active ? { color: 'red' } : {})}
          loading={change.isPending}
          onClick={() => change.mutate()}
        >
          {name}
        </Button>
      </Group>
    </Modal>
  )
}
