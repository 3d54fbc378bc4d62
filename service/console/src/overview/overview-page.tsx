import { Anchor, Code, Text, Title } from '@mantine/core'
import { IconCircle, IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { recentEvents } from '../audit/audit-events.ts'
import { EventTable } from '../audit/event-table.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { PageHead } from '../parts/page-head.tsx'
import type { AppRecord } from '../server/records.ts'
import { countApis, list } from '../server/scim.ts'
import { DomainInformation } from './domain-information.tsx'
import { NeedsAttention } from './needs-attention.tsx'
import { type OverviewRecord, readOverview } from './overview.ts'
import { Sparkline } from './sparkline.tsx'
import { TopApplications } from './top-applications.tsx'

const own = 'not (id eq "IDCSAppId")'

const count = async (filter: string): Promise<number> =>
  (await list<AppRecord>('Apps', { filter, count: 0 })).totalResults

const readTotals = async () => {
  const [applications, active, apis] = await Promise.all([
    count(`${own} and isOAuthClient eq true`),
    count(`${own} and isOAuthClient eq true and active eq true`),
    countApis(),
  ])
  return { applications, active, apis }
}

type Totals = Awaited<ReturnType<typeof readTotals>>

const shown = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 })

/** The last hour, and what there is. */
const Numbers = ({
  totals,
  hour,
}: {
  readonly totals: Totals
  /** undefined: not known yet, or not told to this administrator. */
  readonly hour: OverviewRecord | undefined
}) => {
  const all = hour === undefined ? 0 : hour.issued + hour.denied
  const denied = hour === undefined || all === 0 ? 0 : (hour.denied / all) * 100
  const p99 = hour?.p99Milliseconds ?? null
  const numbers = [
    {
      value: hour === undefined ? '–' : `${shown(hour.issued)}${hour.isWhole ? '' : '+'}`,
      label: 'Tokens in the last hour',
      href: '/live-requests',
      line: 'issued',
    },
    {
      value: hour === undefined ? '–' : `${shown(denied)} %`,
      label: 'Denied in the last hour',
      href: '/live-requests?show=denied',
      line: 'denied',
    },
    {
      value: p99 === null ? '–' : `${shown(p99)} ms`,
      label: '99 of 100 are faster',
      href: '/health',
      line: null,
    },
    {
      value: `${shown(totals.active)} of ${shown(totals.applications)}`,
      label: 'Active applications',
      href: '/applications?kind=client&status=active',
      line: null,
    },
  ] as const
  return (
    <div className="numbers">
      {numbers.map(({ value, label, href, line }) => (
        <Link key={label} href={href} className="number">
          <strong>{value}</strong>
          <Text size="sm" c="dimmed">
            {label}
          </Text>
          {line === null || hour === undefined ? null : (
            <Sparkline minutes={hour.minutes} of={line} />
          )}
        </Link>
      ))}
    </div>
  )
}

const Checklist = ({ totals, issued }: { readonly totals: Totals; readonly issued: boolean }) => {
  const steps = [
    {
      done: totals.apis > 0,
      label: 'Create an API',
      href: '/applications/add/api',
      line: 'mintmark api create Orders --audience https://api.example/ --scope orders.read',
    },
    {
      done: totals.applications > 0,
      label: 'Add an application',
      href: '/applications/add/confidential',
      line: 'mintmark app create nightly-billing --api Orders --scope orders.read',
    },
    {
      done: issued,
      label: 'Get a token',
      href: '/playground',
      line: 'mintmark token get --decode',
    },
    {
      done: false,
      label: 'Protect your API',
      href: '/cloud-services',
      line: 'npm install @mintmark/guard',
    },
  ]
  return (
    <section className="card" aria-label="First steps">
      <Title order={2} size="h4" mb="md">
        First steps
      </Title>
      <ol className="steps">
        {steps.map(({ done, label, href, line }) => (
          <li key={label}>
            {done ? (
              <IconCircleCheck className="good" aria-label="Done" />
            ) : (
              <IconCircle aria-label="Not yet" />
            )}
            <div>
              <Anchor component={Link} href={href} fw={600}>
                {label}
              </Anchor>
              <br />
              <Code className="breakable">{line}</Code>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

const Denials = () => {
  const denials = useQuery({
    queryKey: ['audit', 'denials'],
    queryFn: () => recentEvents({ result: 'refused', limit: '8' }),
    retry: false,
  })
  return (
    <section aria-label="Last denials">
      <Title order={2} size="h4" mb="sm">
        Last denials
      </Title>
      {denials.isPending ? <Loading height={120} /> : null}
      {denials.isError ? <FaultNotice fault={denials.error} /> : null}
      {denials.data === undefined ? null : denials.data.events.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing was refused lately.
        </Text>
      ) : (
        <EventTable events={denials.data.events} />
      )}
    </section>
  )
}

/** Whether a token was ever issued; null: nobody knows yet. */
const useIssued = (): boolean | null => {
  const issued = useQuery({
    queryKey: ['audit', 'issued'],
    queryFn: () => recentEvents({ action: 'token', result: 'ok', limit: '1' }),
    retry: false,
  })
  return issued.isPending ? null : (issued.data?.events.length ?? 0) > 0
}

/** What there is, what needs attention, what to do next, what was refused. */
export const OverviewPage = () => {
  const totals = useQuery({ queryKey: ['apps', 'totals'], queryFn: readTotals })
  const hour = useQuery({ queryKey: ['overview'], queryFn: readOverview, retry: false })
  const issued = useIssued()
  const isFresh = totals.data !== undefined && (totals.data.apis === 0 || issued === false)
  return (
    <>
      <PageHead title="Overview" lead="Identity domain: Default" />
      {totals.isPending ? <Loading height={90} /> : null}
      {totals.isError ? <FaultNotice fault={totals.error} retry={() => totals.refetch()} /> : null}
      {totals.data === undefined ? null : <Numbers totals={totals.data} hour={hour.data} />}
      {hour.isError ? <FaultNotice fault={hour.error} retry={() => hour.refetch()} /> : null}
      {isFresh ? <Checklist totals={totals.data} issued={issued === true} /> : null}
      <NeedsAttention records={hour.data?.attention} />
      <div className="halves">
        <TopApplications top={hour.data?.top} />
        <DomainInformation />
      </div>
      <Denials />
    </>
  )
}
