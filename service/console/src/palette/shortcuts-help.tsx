import { Anchor, Kbd, Modal, Table, Text } from '@mantine/core'
import { pageCommands } from './commands.ts'
import { keysTold } from './shortcut.ts'

const rows = [
  ...keysTold,
  ...pageCommands.flatMap(({ keys, label }) =>
    keys === undefined ? [] : [[keys.replace(' ', ' then '), label] as const],
  ),
]

const Keys = ({ told }: { readonly told: string }) =>
  told.split(/( or | and | then )/).map((part, index) =>
    index % 2 === 1 ? (
      part
    ) : (
      <span key={part}>
        {part.split(' ').map((key) => (
          <Kbd key={key} size="xs">
            {key}
          </Kbd>
        ))}
      </span>
    ),
  )

/** What the keys do. They do nothing where text is typed. */
export const ShortcutsHelp = ({ onClose }: { readonly onClose: () => void }) => (
  <Modal opened onClose={onClose} title="Keys" size="md">
    <Table verticalSpacing={4}>
      <Table.Tbody>
        {rows.map(([keys, does]) => (
          <Table.Tr key={keys}>
            <Table.Th scope="row" fw={400}>
              <Keys told={keys} />
            </Table.Th>
            <Table.Td>{does}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
    <Text size="sm" mt="md">
      While text is typed, only Ctrl K does something. More is in{' '}
      <Anchor href="/docs" target="_blank" rel="noopener" inherit underline="always">
        the documentation
      </Anchor>
      .
    </Text>
  </Modal>
)
