import { Anchor, Code, Skeleton, Text, Title } from '@mantine/core'
import { IconCircle, IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { recentEvents } from '../audit/audit-events.ts'
import { EventTable } from '../audit/event-table.tsx'
import { useSession } from '../frame/session-context.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import type { AppRecord } from '../server/records.ts'
import { list } from '../server/scim.ts'

const own = 'not (id eq "IDCSAppId")'

const count = async (filter: string): Promise<number> =>
  (await list<AppRecord>('Apps', { filter, count: 0 })).totalResults

const readTotals = async () => {
  const [applications, active, apis, inactive] = await Promise.all([
    count(`${own} and isOAuthClient eq true`),
    count(`${own} and isOAuthClient eq true and active eq true`),
    count(`${own} and isOAuthResource eq true`),
    count(`${own} and active eq false`),
  ])
  return { applications, active, apis, inactive }
}

type Totals = Awaited<ReturnType<typeof readTotals>>

const numbers = [
  { name: 'applications', label: 'Applications', href: '/applications?kind=client' },
  { name: 'active', label: 'Active applications', href: '/applications?kind=client&status=active' },
  { name: 'apis', label: 'APIs', href: '/cloud-services' },
  { name: 'inactive', label: 'Inactive', href: '/applications?status=inactive' },
] as const

const Numbers = ({ totals }: { readonly totals: Totals }) => (
  <div className="numbers">
    {numbers.map(({ name, label, href }) => (
      <Link key={name} href={href} className="number">
        <strong>{totals[name].toLocaleString('en')}</strong>
        <Text size="sm" c="dimmed">
          {label}
        </Text>
      </Link>
    ))}
  </div>
)

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
      {denials.isPending ? <Skeleton h={120} role="status" aria-label="Loading" /> : null}
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

const useIssued = (): boolean => {
  const issued = useQuery({
    queryKey: ['audit', 'issued'],
    queryFn: () => recentEvents({ action: 'token', result: 'ok', limit: '1' }),
    retry: false,
  })
  return (issued.data?.events.length ?? 0) > 0
}

/** What there is, what to do next, what was refused. */
export const OverviewPage = () => {
  const { domain } = useSession().session
  const totals = useQuery({ queryKey: ['apps', 'totals'], queryFn: readTotals })
  const issued = useIssued()
  return (
    <>
      <PageHead title="Overview" lead="Identity domain: Default" />
      {totals.isPending ? <Skeleton h={90} mb="lg" role="status" aria-label="Loading" /> : null}
      {totals.isError ? <FaultNotice fault={totals.error} retry={() => totals.refetch()} /> : null}
      {totals.data === undefined ? null : <Numbers totals={totals.data} />}
      <div className="halves">
        {totals.data === undefined ? null : <Checklist totals={totals.data} issued={issued} />}
        <section className="card" aria-label="Domain information">
          <Title order={2} size="h4" mb="md">
            Domain information
          </Title>
          <Facts
            facts={[
              { label: 'Domain URL', value: <CopyValue label="Domain URL" value={domain.url} /> },
              {
                label: 'Secure domain URL',
                value:
                  domain.secureUrl === null ? (
                    'not offered'
                  ) : (
                    <CopyValue label="Secure domain URL" value={domain.secureUrl} />
                  ),
              },
              { label: 'Issuer', value: <CopyValue label="Issuer" value={domain.issuer} /> },
            ]}
          />
        </section>
      </div>
      <Denials />
    </>
  )
}
