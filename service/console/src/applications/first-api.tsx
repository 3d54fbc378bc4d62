import { Checkbox, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { countApis } from '../server/scim.ts'
import type { FirstApi } from './create-application.ts'

const suggested: FirstApi = {
  name: 'Orders',
  audience: 'https://orders.example/',
  scope: 'orders.read',
}

const fields = [
  { name: 'name', label: 'Name of the API', description: 'What people call it' },
  { name: 'audience', label: 'Its primary audience', description: 'What its tokens carry as aud' },
  { name: 'scope', label: 'Its first scope', description: 'What this application may do there' },
] as const

/** Where a domain has no API yet, offers to add one along with the application. */
export const FirstApiFields = ({
  api,
  onChange,
}: {
  /** null: not wanted. */
  readonly api: FirstApi | null
  readonly onChange: (api: FirstApi | null) => void
}) => {
  const apis = useQuery({
    queryKey: ['apis', 'count'],
    queryFn: countApis,
  })
  if (apis.data !== 0) return null
  return (
    <section className="choice" data-chosen={api !== null} aria-label="First API">
      <Text size="sm" mb="xs">
        This domain has no API yet, so there is nothing to ask a token for.
      </Text>
      <Checkbox
        label="Add a first API with it"
        checked={api !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? suggested : null)}
      />
      {api === null ? null : (
        <Stack mt="md" gap="sm">
          {fields.map(({ name, label, description }) => (
            <TextInput
              key={name}
              label={label}
              description={description}
              required
              spellCheck={false}
              value={api[name]}
              onChange={(event) => onChange({ ...api, [name]: event.currentTarget.value })}
            />
          ))}
        </Stack>
      )}
    </section>
  )
}
