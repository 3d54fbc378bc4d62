import { Badge, Button, Text, Title } from '@mantine/core'
import type { TokenAnswer } from './request-token.ts'

/** A request that was sent from this page; its secret is not kept. */
export interface Sent {
  readonly number: number
  readonly at: Date
  readonly clientId: string
  readonly scope: string
  readonly answer: TokenAnswer
}

const sentMax = 20

export const remember = (
  sent: readonly Sent[],
  next: Omit<Sent, 'number' | 'at'>,
): readonly Sent[] =>
  [{ ...next, number: (sent[0]?.number ?? 0) + 1, at: new Date() }, ...sent].slice(0, sentMax)

/** The last ones, gone with the page. */
export const SentRequests = ({
  sent,
  shown,
  onShow,
}: {
  readonly sent: readonly Sent[]
  readonly shown: Sent | undefined
  readonly onShow: (sent: Sent) => void
}) =>
  sent.length < 2 ? null : (
    <section className="card" aria-label="Sent before">
      <Title order={2} size="h4" mb="xs">
        Sent before
      </Title>
      <Text size="xs" c="dimmed" mb="sm">
        The last {sentMax}, without secrets, until this page is left.
      </Text>
      {sent.map((each) => (
        <Button
          key={each.number}
          fullWidth
          justify="space-between"
          size="compact-sm"
          mb={4}
          variant={each === shown ? 'light' : 'subtle'}
          aria-pressed={each === shown}
          rightSection={
            <Badge color={each.answer.status === 200 ? 'teal' : 'red'} variant="light">
              {each.answer.status}
            </Badge>
          }
          onClick={() => onShow(each)}
        >
          {each.at.toLocaleTimeString()} {each.clientId} {each.scope}
        </Button>
      ))}
    </section>
  )
