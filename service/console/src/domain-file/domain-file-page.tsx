import { Button, FileButton, Group, Text } from '@mantine/core'
import { IconDownload, IconFileImport, IconUpload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CodeBlock } from '../parts/code-block.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { applyDomainFile, readDomainFile, wrongLines } from './domain-file.ts'
import { Verdict } from './verdict.tsx'
import { YamlEditor } from './yaml-editor.tsx'

const fileCharsMax = 900_000
const none: ReadonlySet<number> = new Set()
const lines =
  'mintmark export > domain.yaml\nmintmark apply -f domain.yaml --dry-run\n' +
  'mintmark apply -f domain.yaml'

/** Where a text comes from that is not typed. */
const Head = ({ onText }: { readonly onText: (text: string) => void }) => {
  const exporting = useMutation({ mutationFn: readDomainFile, onSuccess: onText })
  const take = async (file: File | null): Promise<void> => {
    if (file !== null) onText(await file.slice(0, fileCharsMax).text())
  }
  return (
    <>
      <PageHead
        title="Import & export"
        lead="The domain as a file: everything that is declared, and none of its secrets."
      >
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          loading={exporting.isPending}
          onClick={() => exporting.mutate()}
        >
          Export into the editor
        </Button>
        <FileButton onChange={take} accept=".yaml,.yml">
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={16} />}>
              Open a file
            </Button>
          )}
        </FileButton>
      </PageHead>
      {exporting.isError ? <FaultNotice fault={exporting.error} /> : null}
    </>
  )
}

/** The domain as text: out, changed, tried, in again. */
export const DomainFilePage = () => {
  const queries = useQueryClient()
  const [text, setText] = useState('')
  /** What was tried: only that can be applied. */
  const [tried, setTried] = useState<string | null>(null)
  const trying = useMutation({
    mutationFn: (wanted: string) => applyDomainFile(wanted, true),
    onSuccess: ({ verdict }, wanted) => setTried(verdict === 'would-change' ? wanted : null),
  })
  const applying = useMutation({
    mutationFn: (wanted: string) => applyDomainFile(wanted, false),
    // the answer may hold secrets: it must not stay in the cache
    gcTime: 0,
    onSuccess: async () => {
      setTried(null)
      trying.reset()
      await queries.invalidateQueries()
    },
  })
  const change = (wanted: string): void => {
    setText(wanted)
    setTried(null)
    trying.reset()
    applying.reset()
  }
  const told = applying.data ?? trying.data
  const fault = trying.error ?? applying.error
  return (
    <>
      <Head onText={change} />
      {text === '' ? (
        <Text size="sm" mb="sm" role="status">
          Write, paste or open a domain file, or export what there is and change it. What it names
          becomes as it says, in one transaction or not at all; what it does not name stays.
        </Text>
      ) : null}
      <YamlEditor
        label="Domain file"
        value={text}
        wrong={told?.message == null ? none : wrongLines(told.message)}
        onChange={change}
      />
      {fault === null ? null : <FaultNotice fault={fault} />}
      <Group mt="md">
        <Button
          leftSection={<IconFileImport size={16} />}
          disabled={text.trim() === ''}
          loading={trying.isPending}
          variant={tried === null ? 'filled' : 'default'}
          onClick={() => {
            applying.reset()
            trying.mutate(text)
          }}
        >
          Show what would change
        </Button>
        <Button
          disabled={tried !== text || tried === null}
          loading={applying.isPending}
          onClick={() => applying.mutate(text)}
        >
          Apply
        </Button>
      </Group>
      {told === undefined ? null : <Verdict {...told} />}
      <CodeBlock label="Command line" text={lines} />
    </>
  )
}
