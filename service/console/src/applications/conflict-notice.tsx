import { Alert, Button, Group, Table, Text } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { Moment } from '../parts/moment.tsx'
import { changesBetween } from './changed-record.ts'
import type { EditConflict } from './use-versioned-edit.ts'

const wordsFor = (clashes: number): string => {
  if (clashes === 0) return 'You changed other things: both fit together.'
  const which = clashes === 1 ? 'one of these' : `${clashes} of these`
  return `You changed ${which} as well; yours would replace theirs.`
}

/** Says who changed what meanwhile, and leaves it to the second what becomes of theirs. */
export const ConflictNotice = ({
  conflict,
  busy,
  onApplyMine,
  onTakeTheirs,
}: {
  readonly conflict: EditConflict
  readonly busy: boolean
  readonly onApplyMine: () => void
  readonly onTakeTheirs: () => void
}) => {
  const { base, theirs, clashes } = conflict
  const { idcsLastModifiedBy, meta } = theirs.app
  const changes = changesBetween(base.app, theirs.app)
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<IconUsers />}
      title="Somebody else changed this meanwhile"
      my="md"
    >
      <Text size="sm">
        {idcsLastModifiedBy?.display ?? 'Somebody'} saved it{' '}
        {meta?.lastModified === undefined ? 'after you began' : <Moment at={meta.lastModified} />}.
        What you typed is still here, and nothing of either is lost yet.
      </Text>
      <Table className="change" verticalSpacing={4} my="sm" aria-label="What they changed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>When you began</Table.Th>
            <Table.Th>Now</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ label, before, now }) => (
            <Table.Tr key={label}>
              <Table.Td>{label}</Table.Td>
              <Table.Td>
                <del className="breakable">{before}</del>
              </Table.Td>
              <Table.Td>
                <ins className="breakable">{now}</ins>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" mb="sm">
        {wordsFor(clashes.length)}
      </Text>
      <Group gap="xs">
        <Button size="xs" loading={busy} onClick={onApplyMine}>
          Apply my changes to the new version
        </Button>
        <Button size="xs" variant="default" onClick={onTakeTheirs}>
          Drop mine
        </Button>
      </Group>
    </Alert>
  )
}
