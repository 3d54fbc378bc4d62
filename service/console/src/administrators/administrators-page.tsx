import { Button, NativeSelect, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { CodeBlock } from '../parts/code-block.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { AddAdministrator } from './add-administrator.tsx'
import { AdministratorTable } from './administrator-table.tsx'
import { type Administrators, readAdministrators } from './administrators.ts'
import { SessionTable } from './session-table.tsx'

const Holders = ({ roles, holders, total }: Administrators) => {
  const [filters, change] = useFilters()
  const wanted = filters.get('role') ?? ''
  const shown = holders.filter(({ role }) => wanted === '' || role.id === wanted)
  const chosen = roles.find(({ id }) => id === wanted)
  return (
    <>
      <search className="toolbar">
        <NativeSelect
          label="Role"
          value={wanted}
          data={[
            { value: '', label: 'All administrator roles' },
            ...roles.map(({ id, displayName }) => ({ value: id, label: displayName })),
          ]}
          onChange={(event) => change({ role: event.currentTarget.value })}
        />
        <Text size="sm" c="dimmed">
          {chosen?.description}
        </Text>
      </search>
      {shown.length === 0 ? (
        <Text role="status">Nobody holds this role by a grant of its own.</Text>
      ) : (
        <AdministratorTable holders={shown} />
      )}
      {total > holders.length ? (
        <Text size="sm" mt="sm">
          The first {holders.length} of {total}.
        </Text>
      ) : null}
    </>
  )
}

/** Who may administer the domain, and what each of them may do. */
export const AdministratorsPage = () => {
  const [adding, dialog] = useDisclosure(false)
  const found = useQuery({ queryKey: ['grants', 'administrators'], queryFn: readAdministrators })
  return (
    <>
      <PageHead
        title="Administrators"
        lead="Who holds an administrator role. What is taken away is gone from the next request on."
      >
        <Button
          leftSection={<IconUserPlus size={16} />}
          disabled={found.data === undefined}
          onClick={dialog.open}
        >
          Add administrator
        </Button>
      </PageHead>
      {found.isPending ? <Loading height={240} /> : null}
      {found.isError ? <FaultNotice fault={found.error} retry={() => found.refetch()} /> : null}
      {found.data === undefined ? null : (
        <>
          <Holders {...found.data} />
          {adding ? <AddAdministrator {...found.data} onClose={dialog.close} /> : null}
        </>
      )}
      <SessionTable />
      <Text size="sm" mt="lg" mb="xs">
        To let one more browser in, as the user <em>administrator</em>:
      </Text>
      <CodeBlock label="Command line" text="mintmark admin pair" />
    </>
  )
}
