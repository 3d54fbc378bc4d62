import { Anchor, Badge, Button, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link } from 'wouter'
import { SecretInput } from '../applications/client-secret.tsx'
import { useSession } from '../frame/session-context.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useFilters } from '../parts/use-filters.ts'
import type { AppRecord } from '../server/records.ts'
import { readApp } from '../server/scim.ts'
import { CallPanel } from './call-panel.tsx'
import { DecodedTokenView } from './decoded-token.tsx'
import { requestToken, type TokenAnswer } from './request-token.ts'
import { remember, type Sent, SentRequests } from './sent-requests.tsx'
import { decodeToken } from './token-text.ts'

const AnswerView = ({
  answer,
  why,
}: {
  readonly answer: TokenAnswer
  /** Where the refusal is explained. */
  readonly why: string
}) => {
  const token = answer.body['access_token']
  const decoded = typeof token === 'string' ? decodeToken(token) : null
  return (
    <section aria-label="Response" aria-live="polite">
      <Text size="sm" mb="sm" component="div">
        <Badge color={answer.status === 200 ? 'teal' : 'red'} variant="light">
          {answer.status}
        </Badge>{' '}
        {Math.round(answer.milliseconds)} ms
      </Text>
      <CodeBlock label="Response body" text={JSON.stringify(answer.body, null, 2)} />
      {answer.status === 200 ? null : (
        <Anchor component={Link} href={why} size="sm">
          Explain why
        </Anchor>
      )}
      {decoded === null ? null : (
        <>
          <CallPanel key={String(token)} token={String(token)} decoded={decoded} />
          <DecodedTokenView token={decoded} />
        </>
      )}
    </section>
  )
}

const curlOf = (url: string, clientId: string, scope: string): string =>
  [
    `curl -s -u '${clientId}':"$CLIENT_SECRET" \\`,
    '  -d grant_type=client_credentials \\',
    ...(scope.trim() === '' ? [] : [`  --data-urlencode 'scope=${scope.trim()}' \\`]),
    `  ${url}/oauth2/v1/token`,
  ].join('\n')

const wishOf = ({ clientId, scope }: { readonly clientId: string; readonly scope: string }) => ({
  clientId,
  scope: scope.trim(),
})

const PlaygroundForm = ({
  app,
  wished,
}: {
  readonly app: AppRecord | null
  /** null: the first that the application may have. */
  readonly wished: string | null
}) => {
  const { domain } = useSession().session
  const [clientId, setClientId] = useState(app?.name ?? '')
  const [secret, setSecret] = useState('')
  const [scope, setScope] = useState(wished ?? app?.allowedScopes?.[0]?.fqs ?? '')
  const [sent, setSent] = useState<readonly Sent[]>([])
  const [chosen, setChosen] = useState<Sent | null>(null)
  const asking = useMutation({
    mutationFn: requestToken,
    gcTime: 0,
    onSuccess: (answer, wish) => {
      setSent((before) => remember(before, { ...wishOf(wish), answer }))
      setChosen(null)
    },
  })
  const shown = chosen ?? sent[0]
  const wish = new URLSearchParams({ client: shown?.clientId ?? '', scope: shown?.scope ?? '' })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    asking.mutate({ clientId: clientId.trim(), secret: secret.trim(), scope })
  }
  return (
    <div className="halves">
      <section className="card" aria-label="Request">
        <Title order={2} size="h4" mb="md">
          Request
        </Title>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Client ID"
              required
              spellCheck={false}
              value={clientId}
              onChange={(event) => setClientId(event.currentTarget.value)}
            />
            <SecretInput value={secret} onChange={setSecret} />
            <TextInput
              label="Scope"
              description="Full spelling; empty: everything it may, of one API"
              spellCheck={false}
              value={scope}
              onChange={(event) => setScope(event.currentTarget.value)}
            />
            <Button
              type="submit"
              loading={asking.isPending}
              leftSection={<IconPlayerPlay size={18} />}
            >
              Get a token
            </Button>
          </Stack>
        </form>
        <Text mt="lg" />
        <CodeBlock label="curl" text={curlOf(domain.url, clientId || 'CLIENT_ID', scope)} />
      </section>
      <div>
        {asking.isError ? <FaultNotice fault={asking.error} /> : null}
        {shown === undefined ? (
          <Text c="dimmed" size="sm">
            The answer of the token endpoint appears here, decoded in this browser.
          </Text>
        ) : (
          <AnswerView answer={shown.answer} why={`/explain?${wish}`} />
        )}
        <SentRequests sent={sent} shown={shown} onShow={setChosen} />
      </div>
    </div>
  )
}

/** A token request as a client makes it, with the answer decoded beside it. */
export const PlaygroundPage = () => {
  const [filters] = useFilters()
  const id = filters.get('client')
  const app = useQuery({
    queryKey: ['apps', 'one', id],
    queryFn: () => readApp(id ?? ''),
    enabled: id !== null,
  })
  return (
    <>
      <PageHead title="Playground" lead="Ask for a token as an application does." />
      {app.isError ? <FaultNotice fault={app.error} /> : null}
      {id !== null && app.isPending ? null : (
        <PlaygroundForm key={id} app={app.data?.body ?? null} wished={filters.get('scope')} />
      )}
    </>
  )
}
