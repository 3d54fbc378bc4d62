import { Anchor, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useSession } from '../frame/session-context.ts'
import { readKeys } from '../signing-keys/signing-keys.ts'
import { type AttentionRecord, attentionLines } from './overview.ts'

/** What somebody should look at; each line leads to where it is mended. */
export const NeedsAttention = ({
  records,
}: {
  /** undefined: not known yet. */
  readonly records: readonly AttentionRecord[] | undefined
}) => {
  const { issuer } = useSession().session.domain
  const keys = useQuery({ queryKey: ['signing keys', 'list'], queryFn: readKeys, retry: false })
  const lines = attentionLines(records ?? [], keys.data ?? null, {
    issuer,
    origin: window.location.origin,
    nowMs: Date.now(),
  })
  return (
    <section className="card" aria-label="Needs attention">
      <Title order={2} size="h4" mb="sm">
        Needs attention
      </Title>
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">
          {records === undefined ? 'Not known yet.' : 'Nothing.'}
        </Text>
      ) : (
        <ul className="steps">
          {lines.map(({ subject, says, href, does }) => (
            <li key={`${subject} ${says}`}>
              <IconAlertTriangle className="bad" aria-hidden />
              <div className="breakable">
                <Text size="sm" fw={600} span>
                  {subject}
                </Text>
                <Text size="sm">{says}</Text>
                <Anchor component={Link} href={href} size="sm">
                  {does}
                </Anchor>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
