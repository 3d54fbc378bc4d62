import {
  Anchor,
  Button,
  Code,
  NativeSelect,
  Pagination,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { CopyValue } from '../parts/copy-value.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { type AppRecord, kindOf } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'
import { AddApplicationDialog } from './add-application-dialog.tsx'

const pageSize = 50
const shownAttributes =
  'displayName,name,active,isOAuthClient,isOAuthResource,clientType,description,basedOnTemplate'

const filterOf = (filters: URLSearchParams): string => {
  const words = (filters.get('q') ?? '').trim()
  const status = filters.get('status')
  const kind = filters.get('kind')
  return [
    'not (id eq "IDCSAppId")',
    words === '' ? '' : `(displayName co ${quoted(words)} or name co ${quoted(words)})`,
    status === 'active' ? 'active eq true' : '',
    status === 'inactive' ? 'active eq false' : '',
    kind === 'client' ? 'isOAuthClient eq true' : '',
    kind === 'api' ? 'isOAuthResource eq true' : '',
  ]
    .filter((part) => part !== '')
    .join(' and ')
}

const Rows = ({ apps }: { readonly apps: readonly AppRecord[] }) => (
  <div className="table-card">
    <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Client ID</Table.Th>
          <Table.Th>Type</Table.Th>
          <Table.Th>Status</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {apps.map((app) => (
          <Table.Tr key={app.id}>
            <Table.Td className="breakable">
              <Anchor component={Link} href={`/applications/${app.id}`} fw={600} size="sm">
                {app.displayName}
              </Anchor>
              {app.description ? (
                <Text size="xs" c="dimmed" lineClamp={1}>
                  {app.description}
                </Text>
              ) : null}
            </Table.Td>
            <Table.Td>
              <CopyValue label={`client ID of ${app.displayName}`} value={app.name} />
            </Table.Td>
            <Table.Td>{kindOf(app)}</Table.Td>
            <Table.Td>
              <StateBadge active={app.active} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </div>
)

const Empty = ({ onAdd }: { readonly onAdd: () => void }) => (
  <div className="card empty">
    <Title order={2} size="h4">
      Applications are programs that need tokens, or accept them
    </Title>
    <Text c="dimmed" mt="xs" mb="md">
      Add one here, or on the command line:
      <br />
      <Code>mintmark app create nightly-billing --api Orders --scope orders.read</Code>
    </Text>
    <Button leftSection={<IconPlus size={18} />} onClick={onAdd}>
      Add the first one
    </Button>
  </div>
)

const Filters = () => {
  const [filters, change] = useFilters()
  const [text, setText] = useState(filters.get('q') ?? '')
  const search = useDebouncedCallback((q: string) => change({ q, page: '' }), 120)
  return (
    <search className="toolbar">
      <TextInput
        className="search"
        label="Search"
        placeholder="Name or client ID"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          search(event.currentTarget.value)
        }}
      />
      <NativeSelect
        label="Status"
        value={filters.get('status') ?? ''}
        onChange={(event) => change({ status: event.currentTarget.value, page: '' })}
        data={[
          { value: '', label: 'All' },
          { value: 'active', label: 'Active' },
          { value: 'inactive', label: 'Inactive' },
        ]}
      />
      <NativeSelect
        label="Type"
        value={filters.get('kind') ?? ''}
        onChange={(event) => change({ kind: event.currentTarget.value, page: '' })}
        data={[
          { value: '', label: 'All' },
          { value: 'client', label: 'Clients' },
          { value: 'api', label: 'APIs' },
        ]}
      />
    </search>
  )
}

/** *Integrated applications*: all of them, a page at a time. */
export const ApplicationsPage = () => {
  const [filters, change] = useFilters()
  const dialog = {
    open: () => change({ add: 'confidential' }),
    close: () => change({ add: '' }),
  }
  const page = Math.max(1, Number(filters.get('page') ?? '1') || 1)
  const filter = filterOf(filters)
  const apps = useQuery({
    queryKey: ['apps', 'list', filter, page],
    queryFn: () =>
      list<AppRecord>('Apps', {
        filter,
        sortBy: 'displayName',
        startIndex: (page - 1) * pageSize + 1,
        count: pageSize,
        attributes: shownAttributes,
      }),
    placeholderData: keepPreviousData,
  })
  const total = apps.data?.totalResults ?? 0
  const filtered = ['q', 'status', 'kind'].some((name) => filters.get(name))
  const isEmpty = apps.isSuccess && total === 0
  return (
    <>
      <PageHead crumbs={domainCrumbs} title="Integrated applications">
        <Button leftSection={<IconPlus size={18} />} onClick={dialog.open}>
          Add application
        </Button>
      </PageHead>
      <AddApplicationDialog opened={filters.has('add')} onClose={dialog.close} />
      {isEmpty && !filtered ? <Empty onAdd={dialog.open} /> : <Filters />}
      {apps.isPending ? <Loading height={240} /> : null}
      {apps.isError ? <FaultNotice fault={apps.error} retry={() => apps.refetch()} /> : null}
      {isEmpty && filtered ? (
        <Text role="status">No application is found with these filters.</Text>
      ) : null}
      {total > 0 && apps.data !== undefined ? (
        <>
          <Rows apps={itemsOf(apps.data)} />
          <Text size="sm" c="dimmed" mt="sm" role="status">
            {total === 1 ? '1 application' : `${total.toLocaleString('en')} applications`}
          </Text>
          {total > pageSize ? (
            <Pagination
              mt="md"
              total={Math.ceil(total / pageSize)}
              value={page}
              onChange={(next) => change({ page: next === 1 ? '' : String(next) })}
              getControlProps={(control) => ({ 'aria-label': `${control} page` })}
              getItemProps={(item) => ({ 'aria-label': `Page ${item}` })}
            />
          ) : null}
        </>
      ) : null}
    </>
  )
}
