import { Alert, Badge, Button, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ChainVerdictBadge } from '../audit/chain-verdict.tsx'
import { type Fact, Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { type Health, type HealthNow, readHealth } from './health.ts'
import { Licences } from './licences.tsx'

const readEveryMs = 10_000
/** More than this between two clocks, and tokens are refused as not yet valid. */
const offsetMaxMs = 5000

const State = ({ good, children }: { readonly good: boolean; readonly children: ReactNode }) => (
  <Badge
    color={good ? 'teal' : 'red'}
    variant="light"
    leftSection={good ? <IconCircleCheck size={14} /> : <IconAlertTriangle size={14} />}
  >
    {children}
  </Badge>
)

const Part = ({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) => (
  <section className="card" aria-label={title}>
    <Title order={2} size="h4" mb="md">
      {title}
    </Title>
    <Facts facts={facts} />
  </section>
)

const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`

const databaseFacts = ({ database, cache }: Health): readonly Fact[] => [
  { label: 'Database', value: database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL' },
  { label: 'Schema', value: database.schema },
  { label: 'One look into it', value: `${database.milliseconds.toFixed(1)} ms` },
  {
    label: 'Servers that share it',
    value:
      database.servers.length === 0
        ? 'this one only'
        : database.servers.map(({ joined, behind }) => (
            <div key={joined}>
              <State good={behind === 0}>
                {behind === 0 ? 'up to date' : `${behind} changes behind`}
              </State>{' '}
              joined <Moment at={joined} />
            </div>
          )),
  },
  { label: 'Newest change known', value: cache.sequence.toLocaleString('en') },
  {
    label: 'Cache',
    value: (
      <State good={cache.outOfTouch === null}>{cache.outOfTouch ?? 'follows every change'}</State>
    ),
  },
]

const processFacts = ({ processes: { eventLoop, ...all } }: Health): readonly Fact[] => [
  { label: 'Processes', value: all.count },
  { label: 'Started', value: <Moment at={all.started} /> },
  { label: 'Memory', value: `${Math.round(all.residentBytes / 1_048_576)} MiB` },
  { label: 'Processor time', value: `${Math.round(all.cpuSeconds)} s` },
  { label: 'Open files', value: all.openFiles ?? 'not told here' },
  { label: 'Event-loop lag, mean', value: milliseconds(eventLoop.lagSeconds) },
  { label: '99th percentile', value: milliseconds(eventLoop.lagP99Seconds) },
  { label: 'worst, since last read', value: milliseconds(eventLoop.lagMaxSeconds) },
  { label: 'Event loop busy', value: `${(eventLoop.utilization * 100).toFixed(1)} %` },
]

const buildFacts = ({ health, clockOffsetMs }: HealthNow): readonly Fact[] => [
  { label: 'Mintmark', value: health.build.version },
  { label: 'Node.js', value: health.build.node },
  { label: 'Platform', value: health.build.platform },
  { label: 'Clock of the server', value: new Date(health.now).toLocaleString() },
  {
    label: 'beside this browser',
    value: (
      <State good={Math.abs(clockOffsetMs) <= offsetMaxMs}>
        {clockOffsetMs === 0 ? 'the same' : `${(clockOffsetMs / 1000).toFixed(1)} s off`}
      </State>
    ),
  },
  { label: 'Audit of the last day', value: <ChainVerdictBadge /> },
]

const Parts = ({ now }: { readonly now: HealthNow }) => (
  <>
    {now.health.ready ? null : (
      <Alert color="red" title="Not ready: it should get no requests" role="alert" mb="md">
        {now.health.notReady.map((why) => (
          <Text key={why} size="sm">
            {why}
          </Text>
        ))}
      </Alert>
    )}
    <div className="halves">
      <Part title="Data" facts={databaseFacts(now.health)} />
      <Part title="Processes" facts={processFacts(now.health)} />
      <Part title="Build, clock, records" facts={buildFacts(now)} />
    </div>
  </>
)

/** How this server is doing. */
export const HealthPage = () => {
  const health = useQuery({
    queryKey: ['health'],
    queryFn: readHealth,
    refetchInterval: readEveryMs,
  })
  return (
    <>
      <PageHead
        title="System health"
        lead="The server that answers this browser, every ten seconds anew."
        beside={health.data?.health.ready ? <State good>Ready</State> : null}
      >
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={health.isRefetching}
          onClick={() => health.refetch()}
        >
          Refresh
        </Button>
      </PageHead>
      {health.isPending ? <Loading height={240} /> : null}
      {health.isError ? <FaultNotice fault={health.error} retry={() => health.refetch()} /> : null}
      {health.data === undefined ? null : <Parts now={health.data} />}
      <Licences />
    </>
  )
}
