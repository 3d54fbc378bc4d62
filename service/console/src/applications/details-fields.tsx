import { Stack, Text, TextInput } from '@mantine/core'
import { TagEditor } from '../oauth-configuration/tag-editor.tsx'
import type { Tag } from '../server/records.ts'

export interface Details {
  readonly name: string
  readonly description: string
  /** Who answers for it; as SCIM has it, `contactEmailAddress`. */
  readonly contact: string
  readonly tags: readonly Tag[]
  /** Empty: the server makes one. */
  readonly clientId: string
}

export const noDetails: Details = {
  name: '',
  description: '',
  contact: '',
  tags: [],
  clientId: '',
}

/** Only the name is needed. */
export const DetailsFields = ({
  details,
  isNew,
  onChange,
}: {
  readonly details: Details
  /** Its client id may still be chosen. */
  readonly isNew: boolean
  readonly onChange: (details: Details) => void
}) => (
  <Stack>
    <TextInput
      label="Name"
      required
      maxLength={125}
      autoFocus
      value={details.name}
      onChange={(event) => onChange({ ...details, name: event.currentTarget.value })}
    />
    <TextInput
      label="Description"
      value={details.description}
      onChange={(event) => onChange({ ...details, description: event.currentTarget.value })}
    />
    {isNew ? (
      <TextInput
        label="Client ID"
        description="Optional; cannot be changed later. Left empty, the server makes one"
        spellCheck={false}
        maxLength={100}
        value={details.clientId}
        onChange={(event) => onChange({ ...details, clientId: event.currentTarget.value })}
      />
    ) : null}
    <TextInput
      label="Contact"
      description="Address of who answers for it"
      type="email"
      autoComplete="off"
      value={details.contact}
      onChange={(event) => onChange({ ...details, contact: event.currentTarget.value })}
    />
    <section aria-label="Tags">
      <Text size="sm" fw={500} mb={4}>
        Tags
      </Text>
      <TagEditor tags={details.tags} onChange={(tags) => onChange({ ...details, tags })} />
    </section>
  </Stack>
)
