import { Alert, Button, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { ServerFault } from '../server/server-fault.ts'

/** What went wrong in the server's words, how to mend it, and the id to look it up by. */
export const FaultNotice = ({
  fault,
  retry,
}: {
  readonly fault: Error
  readonly retry?: () => unknown
}) => {
  const told = fault instanceof ServerFault ? fault : null
  return (
    <Alert color="red" title="That did not work" icon={<IconAlertTriangle />} role="alert" mb="md">
      <Text size="sm">{fault.message}</Text>
      {told?.fix ? <Text size="sm">{told.fix}</Text> : null}
      {told?.requestId ? (
        <Text size="xs" mt={4}>
          Request {told.requestId}
        </Text>
      ) : null}
      {retry === undefined ? null : (
        <Button mt="sm" size="xs" color="red" variant="outline" onClick={() => retry()}>
          Retry
        </Button>
      )}
    </Alert>
  )
}
