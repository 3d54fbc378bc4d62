import { Anchor, Badge, Button, Group, Table, Text, TextInput } from '@mantine/core'
import { IconCheck, IconDownload, IconX } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { NextPage } from '../parts/next-page.tsx'
import { csvOf, saveFile } from '../parts/save-file.ts'
import { TableCard } from '../parts/table-card.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { type Holder, holdersAsRows, readHolders, wayOf } from './holders.ts'

const HolderTable = ({
  holders,
  fqs,
}: {
  readonly holders: readonly Holder[]
  readonly fqs: string
}) => (
  <TableCard label="Who can reach it">
    <Table verticalSpacing="xs" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Application</Table.Th>
          <Table.Th>Gets it</Table.Th>
          <Table.Th>By</Table.Th>
          <Table.Th aria-label="Details" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {holders.map(({ id, clientId, displayName, hindrance, paths }) => (
          <Table.Tr key={id}>
            <Table.Td className="breakable">
              <Anchor component={Link} href={`/applications/${id}`} size="sm">
                {displayName}
              </Anchor>
              <Text size="xs" c="dimmed">
                {clientId}
              </Text>
            </Table.Td>
            <Table.Td>
              {hindrance === null ? (
                <Badge color="teal" variant="light" leftSection={<IconCheck size={12} />}>
                  Yes
                </Badge>
              ) : (
                <Badge color="gray" variant="light" leftSection={<IconX size={12} />}>
                  {hindrance}
                </Badge>
              )}
            </Table.Td>
            <Table.Td className="breakable">
              {paths.map((path) => (
                <Text key={wayOf(path)} size="sm">
                  {wayOf(path)}
                </Text>
              ))}
            </Table.Td>
            <Table.Td>
              <Anchor
                component={Link}
                size="sm"
                href={`/explain?${new URLSearchParams({ client: clientId, scope: fqs })}`}
              >
                Explain
              </Anchor>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </TableCard>
)

const Holders = ({ api, scope }: { readonly api: string; readonly scope: string }) => {
  const query = useInfiniteQuery({
    queryKey: ['access', 'holders', api, scope],
    queryFn: ({ pageParam }) => readHolders({ api, scope }, pageParam),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
  })
  const saving = useMutation({
    mutationFn: async () =>
      saveFile('who-can-reach.csv', 'text/csv', csvOf(await holdersAsRows({ api, scope }))),
  })
  if (query.isPending) return <Loading height={200} />
  if (query.isError) return <FaultNotice fault={query.error} retry={() => query.refetch()} />
  const holders = query.data.pages.flatMap((page) => page.holders)
  const first = query.data.pages[0]
  const { hasNextPage } = query
  const rest = <NextPage of={query}>Look further</NextPage>
  if (holders.length === 0 || first === undefined) {
    return (
      <>
        <Text role="status">Nobody can reach this scope{hasNextPage ? ' so far' : ''}.</Text>
        {rest}
      </>
    )
  }
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" role="status" className="breakable">
          {holders.length}
          {hasNextPage ? ' and maybe more' : ''} can reach {first.fqs}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          loading={saving.isPending}
          leftSection={<IconDownload size={14} />}
          onClick={() => saving.mutate()}
        >
          Export CSV
        </Button>
      </Group>
      {saving.isError ? <FaultNotice fault={saving.error} /> : null}
      <HolderTable holders={holders} fqs={first.fqs} />
      {rest}
    </>
  )
}

/** The other way round: who can reach a scope, and how. */
export const WhoPanel = () => {
  const [filters, change] = useFilters()
  const api = filters.get('api') ?? ''
  const of = filters.get('of') ?? ''
  const [typed, setTyped] = useState({ api, of })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    change({ api: typed.api.trim(), of: typed.of.trim() })
  }
  return (
    <>
      <form className="toolbar" onSubmit={submit}>
        <TextInput
          className="search"
          label="API"
          placeholder="Name, audience or id"
          required
          value={typed.api}
          onChange={(event) => setTyped({ ...typed, api: event.currentTarget.value })}
        />
        <TextInput
          className="search"
          label="Scope"
          placeholder="orders.read"
          required
          spellCheck={false}
          value={typed.of}
          onChange={(event) => setTyped({ ...typed, of: event.currentTarget.value })}
        />
        <Button type="submit">Who can reach it</Button>
      </form>
      {api === '' || of === '' ? (
        <Text size="sm" c="dimmed">
          Every application that was given this scope is listed with each way by which it has it:
          the scope itself, an app role, a group, a tag, or all resources. The same in a terminal:
          mintmark explain --who API SCOPE
        </Text>
      ) : (
        <Holders key={`${api} ${of}`} api={api} scope={of} />
      )}
    </>
  )
}
