import { Accordion, Checkbox, Code, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { SearchDrawer } from '../parts/search-drawer.tsx'
import type { AppRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'

const apisShown = 50

const findApis = async (words: string): Promise<readonly AppRecord[]> => {
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
  const [chosen, setChosen] = useState<readonly string[]>([])
  const change = (fqs: string, on: boolean): void =>
    setChosen((before) => (on ? [...before, fqs] : before.filter((each) => each !== fqs)))
  const close = (): void => {
    setChosen([])
    onClose()
  }
  const add = (): void => {
    onAdd(chosen)
    close()
  }
  return (
    <SearchDrawer
      opened={opened}
      title="Add scope"
      placeholder="Name, audience or scope"
      name={['apis', 'found']}
      find={findApis}
      nothing={(words) => (
        <Text size="sm">
          No API {words === '' ? 'is there yet' : 'is found'}. Add application → API makes one.
        </Text>
      )}
      act={{ label: 'Add', go: chosen.length === 0 ? null : add }}
      below={
        chosen.length === 0 ? null : (
          <Text size="sm" mt="md">
            Selected ({chosen.length}): <Code className="breakable">{chosen.join(' ')}</Code>
          </Text>
        )
      }
      onClose={close}
    >
      {(apis) => (
        <Accordion multiple variant="separated" order={3}>
          {apis.map((api) => (
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
      )}
    </SearchDrawer>
  )
}
