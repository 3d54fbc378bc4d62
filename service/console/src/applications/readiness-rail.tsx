import { Anchor, Text, Title, UnstyledButton } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { recentEvents } from '../audit/audit-events.ts'
import type { AppRecord } from '../server/records.ts'
import { type Readiness, readinessOf } from './readiness.ts'

/** undefined: this administrator may not know, or it is not known yet. */
const useLastToken = (clientId: string): string | null | undefined => {
  const { data } = useQuery({
    queryKey: ['audit', 'last token', clientId],
    queryFn: () => recentEvents({ action: 'token', actor: clientId, result: 'ok', limit: '1' }),
    retry: false,
  })
  return data === undefined ? undefined : (data.events[0]?.at ?? null)
}

const Fix = ({ fix, onActivate }: Pick<Readiness, 'fix'> & { readonly onActivate: () => void }) => {
  if (fix === null) return null
  if (fix === 'activate') {
    return (
      <UnstyledButton className="fix" onClick={onActivate}>
        Activate it
      </UnstyledButton>
    )
  }
  return (
    <Anchor component={Link} href={fix.href} size="sm">
      {fix.label}
    </Anchor>
  )
}

/** Whether an application would get a token, thing by thing; what is missing leads to its fix. */
export const ReadinessRail = ({
  app,
  onActivate,
}: {
  readonly app: AppRecord
  readonly onActivate: () => void
}) => (
  <aside className="card rail" aria-label="Readiness">
    <Title order={2} size="h5" mb="sm">
      Readiness
    </Title>
    <ul className="steps">
      {readinessOf(app, useLastToken(app.name), Date.now()).map(({ ok, label, fix }) => (
        <li key={label}>
          {ok ? (
            <IconCircleCheck className="good" aria-label="Yes" />
          ) : (
            <IconCircleX className="bad" aria-label="No" />
          )}
          <div>
            <Text size="sm">{label}</Text>
            <Fix fix={fix} onActivate={onActivate} />
          </div>
        </li>
      ))}
    </ul>
  </aside>
)
