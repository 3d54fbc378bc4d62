import { Anchor, Table, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { readPackages, type ShippedPackage } from './health.ts'

const PackageTable = ({ packages }: { readonly packages: readonly ShippedPackage[] }) => (
  <TableCard label="Packages" tall>
    <Table verticalSpacing={4} horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Package</Table.Th>
          <Table.Th>Version</Table.Th>
          <Table.Th>Licence</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {packages.map(({ name, version, license, optional }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one version may be installed twice
          <Table.Tr key={`${name} ${index}`}>
            <Table.Td>
              {name}{' '}
              {optional ? (
                <Text component="span" size="xs" c="dimmed">
                  optional
                </Text>
              ) : null}
            </Table.Td>
            <Table.Td>{version}</Table.Td>
            <Table.Td>{license}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </TableCard>
)

/** What others have made of this server, and on which terms. */
export const Licences = () => {
  const [typed, setTyped] = useState('')
  const packages = useQuery({
    queryKey: ['packages'],
    queryFn: readPackages,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const wanted = typed.trim().toLowerCase()
  const shown = (packages.data ?? []).filter(({ name, license }) =>
    `${name} ${license}`.toLowerCase().includes(wanted),
  )
  return (
    <section aria-label="Licences">
      <Title order={2} size="h4" mt="lg">
        Licences
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Mintmark is under the{' '}
        <Anchor
          href="https://www.apache.org/licenses/LICENSE-2.0"
          rel="noreferrer"
          underline="always"
        >
          Apache License 2.0
        </Anchor>
        . With it come packages of others, as they were locked at the build.
      </Text>
      {packages.isPending ? <Loading height={160} /> : null}
      {packages.isError ? (
        <FaultNotice fault={packages.error} retry={() => packages.refetch()} />
      ) : null}
      {packages.data === undefined ? null : (
        <>
          <TextInput
            label="Find a package or licence"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            mb="sm"
            maw={320}
          />
          <PackageTable packages={shown} />
          <Text size="sm" c="dimmed" mt={4} role="status">
            {shown.length} of {packages.data.length}
          </Text>
        </>
      )}
    </section>
  )
}
