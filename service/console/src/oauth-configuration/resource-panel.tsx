import {
  ActionIcon,
  Button,
  Group,
  NativeSelect,
  Radio,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { AllowanceFields } from './allowance-fields.tsx'
import type { ResourceDraft } from './draft.ts'

interface PanelProps {
  readonly draft: ResourceDraft
  readonly onChange: (changes: Partial<ResourceDraft>) => void
}

const Scopes = ({ draft, onChange }: PanelProps) => {
  const [value, setValue] = useState('')
  const [description, setDescription] = useState('')
  const word = value.trim()
  const isKnown = draft.scopes.some((scope) => scope.value === word)
  const add = (): void => {
    onChange({ scopes: [...draft.scopes, { value: word, description }] })
    setValue('')
    setDescription('')
  }
  return (
    <section aria-label="Scopes">
      <Title order={3} size="h5" mb="xs">
        Scopes
      </Title>
      {draft.scopes.map((scope) => (
        <Group key={scope.value} justify="space-between" wrap="nowrap">
          <Text size="sm" className="breakable">
            <Text span ff="monospace" inherit>
              {scope.value}
            </Text>{' '}
            <Text span c="dimmed" inherit>
              {scope.description}
            </Text>
          </Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove scope ${scope.value}`}
            onClick={() => onChange({ scopes: draft.scopes.filter((each) => each !== scope) })}
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group align="end" gap="xs" mt="xs">
        <TextInput
          label="Scope"
          placeholder="orders.read"
          spellCheck={false}
          value={value}
          error={isKnown ? 'There already' : null}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <TextInput
          label="Scope description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Button variant="light" disabled={word === '' || isKnown} onClick={add}>
          Add
        </Button>
      </Group>
    </section>
  )
}

/** *Resource server configuration*: the audience and the scopes of an API. */
export const ResourcePanel = ({ draft, onChange }: PanelProps) => (
  <fieldset className="panel">
    <legend>Resource server configuration</legend>
    <Radio.Group
      aria-label="Resource server configuration"
      value={draft.configured ? 'now' : 'no'}
      onChange={(value) => onChange({ configured: value === 'now' })}
    >
      <Stack gap="xs">
        <Radio value="now" label="Configure this application as a resource server now" />
        <Radio value="no" label="No resource server configuration" />
      </Stack>
    </Radio.Group>
    {draft.configured ? (
      <Stack mt="lg" gap="lg">
        <TextInput
          label="Primary audience"
          description="What tokens for this API carry as aud; full scopes are this and the scope"
          placeholder="https://api.example.com/orders/"
          spellCheck={false}
          required
          value={draft.audience}
          onChange={(event) => onChange({ audience: event.currentTarget.value })}
        />
        <Scopes draft={draft} onChange={onChange} />
        <TextInput
          label="Access token expiration (seconds)"
          description="Empty: as the domain has it"
          inputMode="numeric"
          value={draft.lifetimeSeconds}
          onChange={(event) => onChange({ lifetimeSeconds: event.currentTarget.value })}
        />
        <NativeSelect
          label="Token profile"
          description="How tokens for this API are written"
          value={draft.profile}
          onChange={(event) =>
            onChange({ profile: event.currentTarget.value as ResourceDraft['profile'] })
          }
          data={[
            { value: 'identity-domain', label: 'Identity domain (as Oracle writes them, RS256)' },
            { value: 'rfc9068', label: 'RFC 9068 (at+jwt, ES256)' },
          ]}
        />
        <AllowanceFields
          draft={draft.allowance}
          side="api"
          onChange={(allowance) => onChange({ allowance })}
        />
      </Stack>
    ) : null}
  </fieldset>
)
