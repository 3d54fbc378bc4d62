import { Table, Text } from '@mantine/core'
import { CodeBlock } from '../parts/code-block.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { type DecodedToken, noteOf } from './token-text.ts'

/** Header and claims with what they mean. */
export const DecodedTokenView = ({ token }: { readonly token: DecodedToken }) => (
  <>
    <CodeBlock label="Header" text={JSON.stringify(token.header, null, 2)} />
    <TableCard label="Claims">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Claim</Table.Th>
            <Table.Th>Value</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Object.entries(token.claims).map(([claim, value]) => (
            <Table.Tr key={claim}>
              <Table.Td>
                <Text size="sm" ff="monospace">
                  {claim}
                </Text>
              </Table.Td>
              <Table.Td className="breakable">
                {typeof value === 'string' ? value : JSON.stringify(value)}
                <Text size="xs" c="dimmed">
                  {noteOf(claim, value)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableCard>
  </>
)
