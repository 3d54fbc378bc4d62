import { Badge, Switch, Table, Text, Title } from '@mantine/core'
import { IconFile, IconFlag, IconLock, IconTerminal2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { DomainSettingsCard } from './domain-settings.tsx'
import { byGroup, readServerSettings, type ServerSetting } from './settings.ts'

const sources = {
  environment: { label: 'environment', icon: IconTerminal2 },
  file: { label: 'file', icon: IconFile },
  flag: { label: 'flag', icon: IconFlag },
} as const

const Source = ({ source: { from, place } }: Pick<ServerSetting, 'source'>) => {
  if (from === 'default') {
    return (
      <Text size="sm" c="dimmed">
        default
      </Text>
    )
  }
  const { label, icon: SourceIcon } = sources[from]
  return (
    <>
      <Badge variant="light" color="blue" leftSection={<SourceIcon size={12} />}>
        {label}
      </Badge>
      <Text size="sm" className="breakable" ff="monospace">
        {place}
      </Text>
    </>
  )
}

const Value = ({ setting: { value, isSecret } }: { readonly setting: ServerSetting }) => {
  if (value === null) return <Text c="dimmed">not set</Text>
  if (!isSecret) return <span className="breakable">{value}</span>
  return (
    <>
      <IconLock size={14} aria-hidden /> set, not shown
    </>
  )
}

const GroupTable = ({
  group,
  settings,
}: {
  readonly group: string
  readonly settings: readonly ServerSetting[]
}) => (
  <TableCard label={`${group}: values`}>
    <Table verticalSpacing="xs" horizontalSpacing="md" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="44%">Setting</Table.Th>
          <Table.Th>Value</Table.Th>
          <Table.Th w="26%">From</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {settings.map((setting) => (
          <Table.Tr key={setting.key}>
            <Table.Td>
              <strong>{setting.key}</strong>
              <Text size="xs" c="dimmed">
                {setting.description}
              </Text>
            </Table.Td>
            <Table.Td>
              <Value setting={setting} />
            </Table.Td>
            <Table.Td>
              <Source source={setting.source} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </TableCard>
)

const ServerSettings = ({ settings }: { readonly settings: readonly ServerSetting[] }) => {
  const [filters, change] = useFilters()
  const onlySet = filters.get('set') === 'yes'
  const shown = settings.filter(({ source }) => !onlySet || source.from !== 'default')
  return (
    <>
      <Title order={2} size="h4">
        Server settings
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        They are changed where they were set, in the file, the environment or the flags, and take
        effect with a restart.
      </Text>
      <Switch
        label="Only what somebody has set"
        checked={onlySet}
        onChange={(event) => change({ set: event.currentTarget.checked ? 'yes' : '' })}
        mb="md"
      />
      {shown.length === 0 ? <Text role="status">Nothing: all are at their defaults.</Text> : null}
      {byGroup(shown).map(([group, ofGroup]) => (
        <section key={group} aria-label={group}>
          <Title order={3} size="h5" mt="lg" mb="xs">
            {group}
          </Title>
          <GroupTable group={group} settings={ofGroup} />
        </section>
      ))}
    </>
  )
}

/** What holds for the domain, and how this server was started. */
export const SettingsPage = () => {
  const server = useQuery({ queryKey: ['settings', 'server'], queryFn: readServerSettings })
  return (
    <>
      <PageHead title="Settings" lead="Every value with where it comes from." />
      {server.isPending ? <Loading height={240} /> : null}
      {server.isError ? <FaultNotice fault={server.error} retry={() => server.refetch()} /> : null}
      <DomainSettingsCard settings={server.data ?? []} />
      {server.data === undefined ? null : server.data.length === 0 ? (
        <Text role="status">mintmark dev chose the settings of this server itself.</Text>
      ) : (
        <ServerSettings settings={server.data} />
      )}
    </>
  )
}
