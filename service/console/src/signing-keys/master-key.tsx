import { Alert, Button, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { checkKeys, type KeyCheck } from './signing-keys.ts'

const Verdict = ({ ok, masterKey, sealed, unopened }: KeyCheck) =>
  ok ? (
    <Alert color="teal" title={`It opens all ${sealed} sealed records.`}>
      It comes from a {masterKey}.
    </Alert>
  ) : (
    <Alert color="red" title={`It does not open ${unopened.length} of ${sealed} sealed records.`}>
      <Text size="sm">
        Restore the master key that they were sealed with, or make them anew: withdraw the keys,
        regenerate the secrets.
      </Text>
      <ul className="sentences">
        {unopened.map(({ record, id }) => (
          <li key={`${record} ${id}`} className="breakable">
            {record} {id}
          </li>
        ))}
      </ul>
    </Alert>
  )

/** Whether what is sealed in the database can be opened; asked for by hand, for it looks at all. */
export const MasterKey = () => {
  const check = useQuery({
    queryKey: ['signing keys', 'check'],
    queryFn: checkKeys,
    enabled: false,
    retry: false,
  })
  return (
    <section className="card" aria-label="Master key">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Master key
        </Title>
        <Button
          size="xs"
          variant="default"
          loading={check.isFetching}
          onClick={() => check.refetch()}
        >
          Check the master key
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        Private keys, and secrets that have to be read back, rest sealed by it.
      </Text>
      <div aria-live="polite">
        {check.isError ? <FaultNotice fault={check.error} /> : null}
        {check.data === undefined ? null : <Verdict {...check.data} />}
      </div>
    </section>
  )
}
