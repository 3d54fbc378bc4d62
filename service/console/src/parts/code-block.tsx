import { Button, CopyButton, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** Text to paste elsewhere, under a heading that says where. */
export const CodeBlock = ({ label, text }: { readonly label: string; readonly text: string }) => (
  <section className="code-block" aria-label={label}>
    <header>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={copy}
            aria-label={`Copy ${label}`}
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </header>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls takes keys */}
    <pre tabIndex={0}>{text}</pre>
  </section>
)
