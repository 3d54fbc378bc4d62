import {
  Accordion,
  Button,
  Checkbox,
  Code,
  Drawer,
  Group,
  Loader,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { AppRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'

const apisShown = 50

const findApis = async (text: string): Promise<readonly AppRecord[]> => {
  const words = text.trim()
  const match =
    words === ''
      ? ''
      : ` and (displayName co ${quoted(words)} or audience co ${quoted(words)}` +
        ` or scopes.value co ${quoted(words)})`
  return itemsOf(
    await list<AppRecord>('Apps', {
      filter: `isOAuthResource eq true${match}`,
      sortBy: 'displayName',
      count: apisShown,
    }),
  )
}

const ApiScopes = ({
  api,
  chosen,
  taken,
  onChange,
}: {
  readonly api: AppRecord
  readonly chosen: readonly string[]
  readonly taken: readonly string[]
  readonly onChange: (fqs: string, on: boolean) => void
}) => (
  <Stack gap="xs">
    {(api.scopes ?? []).length === 0 ? (
      <Text size="sm">This API has no scopes yet.</Text>
    ) : (
      (api.scopes ?? []).map(({ value, fqs = value, description }) => (
        <Checkbox
          key={fqs}
          label={value}
          description={description ?? fqs}
          checked={chosen.includes(fqs) || taken.includes(fqs)}
          disabled={taken.includes(fqs)}
          onChange={(event) => onChange(fqs, event.currentTarget.checked)}
        />
      ))
    )}
  </Stack>
)

/** Which scopes of which APIs: find an application, expand it, tick, add. */
export const ScopePicker = ({
  opened,
  taken,
  onClose,
  onAdd,
}: {
  readonly opened: boolean
  /** Fully qualified scopes that are there already. */
  readonly taken: readonly string[]
  readonly onClose: () => void
  readonly onAdd: (scopes: readonly string[]) => void
}) => {
  const [text, setText] = useState('')
  const [wanted] = useDebouncedValue(text, 150)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const apis = useQuery({
    queryKey: ['apis', wanted],
    queryFn: () => findApis(wanted),
    enabled: opened,
  })
  const change = (fqs: string, on: boolean): void =>
    setChosen((before) => (on ? [...before, fqs] : before.filter((each) => each !== fqs)))
  const close = (): void => {
    setChosen([])
    onClose()
  }
  return (
    <Drawer opened={opened} onClose={close} title="Add scope" size="lg">
      <TextInput
        label="Search"
        placeholder="Name, audience or scope"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
        mb="md"
      />
      {apis.isPending ? <Loader size="sm" aria-label="Loading" /> : null}
      {apis.isError ? <FaultNotice fault={apis.error} retry={() => apis.refetch()} /> : null}
      {apis.data?.length === 0 ? (
        <Text size="sm">
          No API {wanted === '' ? 'is there yet' : 'is found'}. Add application → API makes one.
        </Text>
      ) : null}
      <Accordion multiple variant="separated" order={3}>
        {(apis.data ?? []).map((api) => (
          <Accordion.Item key={api.id} value={api.id}>
            <Accordion.Control>
              {api.displayName}
              <Text size="xs" c="dimmed" className="breakable">
                {api.audience}
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <ApiScopes api={api} chosen={chosen} taken={taken} onChange={change} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {chosen.length === 0 ? null : (
        <Text size="sm" mt="md">
          Selected ({chosen.length}): <Code className="breakable">{chosen.join(' ')}</Code>
        </Text>
      )}
      <Group justify="flex-end" className="drawer-actions">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          disabled={chosen.length === 0}
          onClick={() => {
            onAdd(chosen)
            close()
          }}
        >
          Add
        </Button>
      </Group>
    </Drawer>
  )
}
