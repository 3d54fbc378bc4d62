import { NativeSelect, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useSession } from '../frame/session-context.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import type { AppRecord } from '../server/records.ts'
import { protectSnippets } from './protect-snippets.ts'

/** *Protect this API*: what to write where the API is, with its own values filled in. */
export const ProtectApi = ({ api }: { readonly api: AppRecord }) => {
  const { domain } = useSession().session
  const snippets = protectSnippets({
    issuer: domain.issuer,
    audience: api.audience ?? '',
    scope: api.scopes?.[0]?.value ?? 'read',
  })
  const [label, setLabel] = useState(snippets[0]?.label ?? '')
  const chosen = snippets.find((each) => each.label === label)
  return (
    <section aria-label="Protect this API">
      <Title order={2} size="h4" mb="xs">
        Protect this API
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        A guard in the program, or a gateway before it, lets only tokens through that are for this
        audience and have the scope. The guard is the package @mintmark/guard.
      </Text>
      <NativeSelect
        label="Where"
        maw={340}
        mb="md"
        data={snippets.map((each) => each.label)}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      {chosen === undefined ? null : <CodeBlock label={chosen.label} text={chosen.text} />}
    </section>
  )
}
