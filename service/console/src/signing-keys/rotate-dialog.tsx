import { Alert, Button, Group, List, Modal, NativeSelect, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { lengthOfTime } from '../parts/relative-time.ts'
import { type Algorithm, rotate, type SigningKeys } from './signing-keys.ts'

const choices = [
  { value: '', label: 'ES256 and RS256' },
  { value: 'ES256', label: 'ES256' },
  { value: 'RS256', label: 'RS256' },
]

const Done = ({ made }: { readonly made: readonly string[] }) =>
  made.length === 0 ? (
    <Alert color="blue" title="A rotation is under way already" role="status">
      A successor is in the key set; it signs at the time that the page shows.
    </Alert>
  ) : (
    <Alert color="teal" title="Published" role="status">
      <Text size="sm" className="breakable">
        {made.join(', ')} is in the key set. Nothing else is to be done.
      </Text>
    </Alert>
  )

/** Says what caches have to do with it before a successor is made. */
export const RotateDialog = ({
  policy,
  onClose,
}: {
  readonly policy: SigningKeys['policy']
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const [algorithm, setAlgorithm] = useState('')
  const rotating = useMutation({
    mutationFn: () => rotate(algorithm === '' ? null : (algorithm as Algorithm)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['signing keys'] }),
  })
  const lead = lengthOfTime(policy.publishLeadSeconds)
  return (
    <Modal opened onClose={onClose} title="Rotate signing keys" size="lg">
      {rotating.isSuccess ? (
        <Done made={rotating.data.made} />
      ) : (
        <>
          <Text size="sm">No token stops working. What happens:</Text>
          <List size="sm" my="sm" type="ordered">
            <List.Item>A successor comes into the key set now.</List.Item>
            <List.Item>
              It signs {lead} from now: APIs keep the key set for up to{' '}
              {lengthOfTime(policy.keySetMaxAgeSeconds)}, and by then nobody can hold one without
              it.
            </List.Item>
            <List.Item>
              The old key stays in the key set for {lengthOfTime(policy.keepRetiredSeconds)} more,
              so that the tokens it signed can be verified until they expire.
            </List.Item>
          </List>
          <NativeSelect
            label="Which"
            data={choices}
            value={algorithm}
            onChange={(event) => setAlgorithm(event.currentTarget.value)}
            mb="md"
          />
          {rotating.isError ? <FaultNotice fault={rotating.error} /> : null}
        </>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {rotating.isSuccess ? 'Close' : 'Cancel'}
        </Button>
        {rotating.isSuccess ? null : (
          <Button data-autofocus loading={rotating.isPending} onClick={() => rotating.mutate()}>
            Rotate
          </Button>
        )}
      </Group>
    </Modal>
  )
}
