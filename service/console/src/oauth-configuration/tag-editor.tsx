import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { Tag } from '../server/records.ts'

/** Pairs of key and value. */
export const TagEditor = ({
  tags,
  onChange,
}: {
  readonly tags: readonly Tag[]
  readonly onChange: (tags: readonly Tag[]) => void
}) => {
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const add = (): void => {
    onChange([...tags, { key: key.trim(), value: value.trim() }])
    setKey('')
    setValue('')
  }
  return (
    <Stack gap="xs">
      {tags.map((tag) => (
        <Group key={`${tag.key}=${tag.value}`} gap="xs">
          <Text size="sm" ff="monospace">
            {tag.key}={tag.value}
          </Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove tag ${tag.key}`}
            onClick={() => onChange(tags.filter((each) => each !== tag))}
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group align="end" gap="xs">
        <TextInput
          label="Tag key"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <TextInput
          label="Tag value"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Button variant="light" disabled={key.trim() === '' || value.trim() === ''} onClick={add}>
          Add tag
        </Button>
      </Group>
    </Stack>
  )
}
