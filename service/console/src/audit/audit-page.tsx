import { Anchor, Button, NativeSelect, Text, TextInput } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { NextPage } from '../parts/next-page.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { recentEvents } from './audit-events.ts'
import { ChainVerdictBadge } from './chain-verdict.tsx'
import { EventTable } from './event-table.tsx'
import { ExportMenu } from './export-menu.tsx'

const names = ['action', 'actor', 'object', 'result', 'reason', 'from', 'to'] as const

/** Views that are asked for often; every other one can be kept as a bookmark. */
const views = [
  { label: 'Refusals', search: 'result=refused' },
  { label: 'Tokens', search: 'action=token' },
  { label: 'Applications', search: 'action=application.*' },
  { label: 'Console', search: 'action=console.*' },
  { label: 'Signing keys', search: 'action=signing-key.*' },
]

const Views = () => (
  <nav aria-label="Views" className="views">
    {views.map(({ label, search }) => (
      <Anchor key={search} component={Link} href={`/audit?${search}`} size="sm">
        {label}
      </Anchor>
    ))}
    <Anchor component={Link} href="/audit" size="sm">
      Everything
    </Anchor>
  </nav>
)
const pageSize = '100'

const Filters = () => {
  const [filters, change] = useFilters()
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(names.map((name) => [name, filters.get(name) ?? ''])),
  )
  const field = (name: string) => ({
    value: typed[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  })
  const apply = (event: SubmitEvent): void => {
    event.preventDefault()
    change(typed)
  }
  return (
    <search>
      <form className="toolbar" onSubmit={apply}>
        <TextInput label="Action" placeholder="application.*" {...field('action')} />
        <TextInput label="Who" {...field('actor')} />
        <TextInput label="Object" placeholder="any part of a name" {...field('object')} />
        <NativeSelect
          label="Result"
          data={[
            { value: '', label: 'All' },
            { value: 'ok', label: 'ok' },
            { value: 'refused', label: 'refused' },
          ]}
          {...field('result')}
        />
        <TextInput label="Reason" placeholder="SCOPE_NOT_GRANTED" {...field('reason')} />
        <TextInput label="From" type="date" {...field('from')} />
        <TextInput label="Before" type="date" {...field('to')} />
        <Button type="submit" variant="light">
          Filter
        </Button>
      </form>
    </search>
  )
}

/** What has happened, newest first. */
export const AuditPage = () => {
  const [filters] = useFilters()
  const wanted = Object.fromEntries(names.map((name) => [name, filters.get(name) ?? '']))
  const audit = useInfiniteQuery({
    queryKey: ['audit', 'list', wanted],
    queryFn: ({ pageParam }) => recentEvents({ ...wanted, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
  })
  const events = audit.data?.pages.flatMap((page) => page.events) ?? []
  return (
    <>
      <PageHead
        title="Audit log"
        lead="Every change, every token, every refusal; newest first."
        beside={<ChainVerdictBadge />}
      >
        <ExportMenu events={events} from={wanted['from'] ?? ''} to={wanted['to'] ?? ''} />
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={audit.isRefetching}
          onClick={() => audit.refetch()}
        >
          Refresh
        </Button>
      </PageHead>
      <Views />
      <Filters key={JSON.stringify(wanted)} />
      {audit.isPending ? <Loading height={240} /> : null}
      {audit.isError ? <FaultNotice fault={audit.error} retry={() => audit.refetch()} /> : null}
      {audit.isSuccess && events.length === 0 ? (
        <Text role="status">Nothing is found with these filters.</Text>
      ) : null}
      {events.length > 0 ? <EventTable events={events} /> : null}
      <NextPage of={audit}>Older events</NextPage>
    </>
  )
}
