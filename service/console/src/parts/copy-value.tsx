import { ActionIcon, CopyButton, Group, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** A value that people carry elsewhere. */
export const CopyValue = ({ label, value }: { readonly label: string; readonly value: string }) => (
  <Group gap={4} wrap="nowrap" className="copy-value">
    <Text component="span" ff="monospace" size="sm" className="breakable">
      {value}
    </Text>
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={copied ? `${label} copied` : `Copy ${label}`}
          onClick={copy}
        >
          {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        </ActionIcon>
      )}
    </CopyButton>
  </Group>
)
