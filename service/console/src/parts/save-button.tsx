import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { saveFile } from './save-file.ts'

/** Gives the browser a file. */
export const SaveButton = ({
  label,
  name,
  type,
  text,
}: {
  readonly label: string
  /** Of the file. */
  readonly name: string
  readonly type: string
  readonly text: string
}) => (
  <Button
    size="xs"
    variant="default"
    leftSection={<IconDownload size={14} />}
    onClick={() => saveFile(name, type, text)}
  >
    {label}
  </Button>
)
