import { Button, Group, Progress, Table, Text, Title } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { AllowanceDraft } from '../oauth-configuration/allowance.ts'
import { Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { readUsageNow, spentWords, type UsageNow, type UsageOf } from './usage.ts'

const Spent = ({
  spent,
  budget,
  span,
}: {
  readonly spent: number | null
  readonly budget: string
  readonly span: 'minute' | 'day'
}) => {
  const share = spent === null ? 0 : Math.min(100, (spent / Number(budget)) * 100)
  const words = spentWords(spent, budget, span)
  return (
    <div>
      <Text size="sm">{words}</Text>
      <Progress value={share} color={share < 100 ? 'teal' : 'red'} aria-label={words} />
    </div>
  )
}

const counted = [
  ['issued', 'New tokens'],
  ['needed', 'Would have done'],
  ['reissued', 'Given again'],
  ['refused', 'Refused: budget spent'],
  ['overBudget', 'Beyond a budget that observes'],
] as const

const Clients = ({ hour }: { readonly hour: UsageNow['hour'] }) =>
  hour.clients.length === 0 ? null : (
    <Table verticalSpacing={6} mt="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Client ID</Table.Th>
          <Table.Th ta="right">New tokens</Table.Th>
          <Table.Th ta="right">Would have done</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {hour.clients.slice(0, 10).map(({ client, issued, needed }) => (
          <Table.Tr key={client}>
            <Table.Td className="breakable">{client}</Table.Td>
            <Table.Td ta="right">{issued}</Table.Td>
            <Table.Td ta="right">{needed}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )

/** How many tokens were taken in the last hour, and how much of the budgets is gone. */
export const UsagePanel = ({
  of,
  allowance,
}: {
  readonly of: UsageOf
  readonly allowance: AllowanceDraft
}) => {
  const { perMinute, perDay } = allowance
  const usage = useQuery({
    queryKey: ['usage', of, perDay !== ''],
    queryFn: () => readUsageNow(of, perDay !== '', Date.now()),
    retry: false,
  })
  return (
    <section className="card" aria-label="Use of tokens">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Tokens of the last hour
        </Title>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={usage.isRefetching}
          onClick={() => usage.refetch()}
          aria-label="Refresh use of tokens"
        >
          Refresh
        </Button>
      </Group>
      {usage.isPending ? <Loading height={90} /> : null}
      {usage.isError ? <FaultNotice fault={usage.error} retry={() => usage.refetch()} /> : null}
      {usage.data === undefined ? null : (
        <>
          <Facts
            facts={[
              ...counted.map(([name, label]) => ({
                label,
                value: String(usage.data.hour.total[name]),
              })),
              ...(perMinute === ''
                ? []
                : [
                    {
                      label: 'Budget of a minute',
                      value: <Spent spent={usage.data.minute} budget={perMinute} span="minute" />,
                    },
                  ]),
              ...(perDay === ''
                ? []
                : [
                    {
                      label: 'Budget of a day, of UTC',
                      value: <Spent spent={usage.data.day} budget={perDay} span="day" />,
                    },
                  ]),
            ]}
          />
          {'api' in of ? <Clients hour={usage.data.hour} /> : null}
        </>
      )}
    </section>
  )
}
