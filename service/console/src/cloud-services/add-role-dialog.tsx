import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { type AppRecord, roleExtension } from '../server/records.ts'
import { createRole } from '../server/scim.ts'

/** A role: a name, who may hold it, the scopes that come with it. */
export const AddRoleDialog = ({
  app,
  opened,
  onClose,
}: {
  readonly app: AppRecord
  readonly opened: boolean
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [holders, setHolders] = useState<string[]>(['availableToClients'])
  const [scopes, setScopes] = useState<string[]>([])
  const creation = useMutation({
    mutationFn: () =>
      createRole({
        schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppRole', roleExtension],
        displayName: name.trim(),
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        app: { value: app.id },
        availableToClients: holders.includes('availableToClients'),
        availableToUsers: holders.includes('availableToUsers'),
        availableToGroups: holders.includes('availableToGroups'),
        [roleExtension]: { scopes },
      }),
    onSuccess: async () => {
      setName('')
      setDescription('')
      setScopes([])
      onClose()
      await queries.invalidateQueries({ queryKey: ['roles'] })
    },
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    creation.mutate()
  }
  return (
    <Modal opened={opened} onClose={onClose} title="Add application role">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Display name"
            placeholder="ServiceInvoker"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Description"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <Checkbox.Group label="May be assigned to" value={holders} onChange={setHolders}>
            <Group mt="xs">
              <Checkbox value="availableToClients" label="Applications" />
              <Checkbox value="availableToUsers" label="Users" />
              <Checkbox value="availableToGroups" label="Groups" />
            </Group>
          </Checkbox.Group>
          {(app.scopes ?? []).length === 0 ? null : (
            <Checkbox.Group label="Scopes that it confers" value={scopes} onChange={setScopes}>
              <Stack mt="xs" gap="xs">
                {(app.scopes ?? []).map(({ value }) => (
                  <Checkbox key={value} value={value} label={value} />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
          {creation.isError ? <FaultNotice fault={creation.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={creation.isPending}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
