import { Stack, TextInput } from '@mantine/core'

export interface Details {
  readonly name: string
  readonly description: string
  /** Empty: the server makes one. */
  readonly clientId: string
}

export const noDetails: Details = { name: '', description: '', clientId: '' }

/** Step one: only the name is needed. */
export const DetailsFields = ({
  details,
  onChange,
}: {
  readonly details: Details
  readonly onChange: (details: Details) => void
}) => (
  <fieldset className="panel">
    <legend>Details</legend>
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
      <TextInput
        label="Client ID"
        description="Optional; cannot be changed later. Left empty, the server makes one"
        spellCheck={false}
        maxLength={100}
        value={details.clientId}
        onChange={(event) => onChange({ ...details, clientId: event.currentTarget.value })}
      />
    </Stack>
  </fieldset>
)
