import { Alert, Badge, Table, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { CopyValue } from '../parts/copy-value.tsx'
import { TableCard } from '../parts/table-card.tsx'
import type { DiffLine, DomainFileVerdict } from './domain-file.ts'

const marks = {
  '+': { label: '+ add', color: 'teal' },
  '~': { label: '~ change', color: 'blue' },
  '=': { label: '= keep', color: 'gray' },
  '-': { label: '- not in the file', color: 'gray' },
} as const

const Diff = ({ lines }: { readonly lines: readonly DiffLine[] }) => (
  <TableCard label="Changes">
    <Table verticalSpacing={6} horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What</Table.Th>
          <Table.Th>Object</Table.Th>
          <Table.Th>Change</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map(({ mark, kind, name, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one object may have several lines
          <Table.Tr key={`${kind} ${name} ${index}`}>
            <Table.Td>
              <Badge variant="light" color={marks[mark].color}>
                {marks[mark].label}
              </Badge>
            </Table.Td>
            <Table.Td className="breakable">
              {kind} <strong>{name}</strong>
            </Table.Td>
            <Table.Td className="breakable">{text}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </TableCard>
)

const Secrets = ({ secrets }: Pick<DomainFileVerdict, 'secrets'>) => (
  <section aria-label="New secrets" className="part">
    <Title order={2} size="h4" mt="lg">
      New secrets
    </Title>
    <Text size="sm" mb="xs">
      They are shown this once. The server cannot show them again.
    </Text>
    {secrets.map(({ application, clientId, clientSecret }) => (
      <div className="secret" key={clientId}>
        <strong>{application}</strong>
        <CopyValue label={`client id of ${application}`} value={clientId} />
        <CopyValue label={`client secret of ${application}`} value={clientSecret} />
      </div>
    ))}
  </section>
)

const titles = {
  unchanged: 'Nothing to change: the domain is as the file says',
  'would-change': 'This would change. Nothing has been changed yet',
  changed: 'Applied',
  refused: 'Nothing was changed',
} as const

/** What came of the file, or would. */
export const Verdict = ({ verdict, lines, secrets, message }: DomainFileVerdict) => {
  const isRefused = verdict === 'refused'
  const changes = lines.filter(({ mark }) => mark !== '=')
  return (
    <>
      <Alert
        mt="md"
        mb="md"
        color={isRefused ? 'red' : 'teal'}
        role={isRefused ? 'alert' : 'status'}
        icon={isRefused ? <IconAlertTriangle /> : <IconCircleCheck />}
        title={titles[verdict]}
      >
        {message === null ? null : (
          <Text component="pre" size="sm" ff="monospace" className="message">
            {message}
          </Text>
        )}
      </Alert>
      {changes.length > 0 ? (
        <div className="part">
          <Diff lines={changes} />
        </div>
      ) : null}
      {secrets.length > 0 ? <Secrets secrets={secrets} /> : null}
    </>
  )
}
