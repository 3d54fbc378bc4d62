import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { IconCircleCheck, IconPlayerPlay } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useLeaveGuard } from '../frame/leave-guard.ts'
import { useSession } from '../frame/session-context.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import type { AppRecord } from '../server/records.ts'
import { DecodedTokenView } from '../testing/decoded-token.tsx'
import { requestToken } from '../testing/request-token.ts'
import { decodeToken } from '../testing/token-text.ts'
import { ActivationDialog } from './activation-dialog.tsx'
import { SecretFiles, SecretOnce } from './secret-once.tsx'
import { useApplication } from './use-application.ts'

interface Ready {
  readonly app: AppRecord
  readonly secret: string
}

/** The playground in place: what the application itself would be answered. */
const FirstToken = ({ app, secret }: Ready) => {
  const [activating, setActivating] = useState(false)
  const asking = useMutation({
    mutationFn: () =>
      requestToken({ clientId: app.name, secret, scope: app.allowedScopes?.[0]?.fqs ?? '' }),
    gcTime: 0,
  })
  const token = asking.data?.body['access_token']
  const decoded = typeof token === 'string' ? decodeToken(token) : null
  return (
    <section className="card" aria-label="First token" aria-live="polite">
      <Title order={2} size="h4" mb="xs">
        Try it
      </Title>
      <Text size="sm" mb="md">
        Asks the token endpoint as the application will, with the secret of this page.
      </Text>
      {app.active ? (
        <Button
          leftSection={<IconPlayerPlay size={18} />}
          loading={asking.isPending}
          onClick={() => asking.mutate()}
        >
          Get a token now
        </Button>
      ) : (
        <>
          <Text size="sm" mb="xs">
            It is inactive, and gets no token until it is activated.
          </Text>
          <Button onClick={() => setActivating(true)}>Activate application</Button>
        </>
      )}
      <ActivationDialog app={app} opened={activating} onClose={() => setActivating(false)} />
      {asking.isError ? <FaultNotice fault={asking.error} /> : null}
      {asking.data === undefined || decoded !== null ? null : (
        <CodeBlock label="Response body" text={JSON.stringify(asking.data.body, null, 2)} />
      )}
      {decoded === null ? null : (
        <div className="answer">
          <DecodedTokenView token={decoded} />
        </div>
      )}
    </section>
  )
}

/** Asks before a secret that nobody has stored is gone. */
const LeaveDialog = ({ settle }: { readonly settle: (leaves: boolean) => void }) => (
  <Modal opened onClose={() => settle(false)} title="The secret is not stored yet">
    <Text size="sm">
      It cannot be shown again. A new one can be made on the application’s page.
    </Text>
    <Group justify="flex-end" mt="lg">
      <Button variant="default" onClick={() => settle(true)}>
        Leave
      </Button>
      <Button data-autofocus onClick={() => settle(false)}>
        Stay
      </Button>
    </Group>
  </Modal>
)

/** What the application's program needs, the secret among it, once. */
export const ReadyPage = ({ app: added, secret }: Ready) => {
  const { domain } = useSession().session
  const [stored, setStored] = useState(false)
  const [asked, setAsked] = useState<((leaves: boolean) => void) | null>(null)
  const [, navigate] = useLocation()
  const top = useRef<HTMLDivElement>(null)
  const app = useApplication(added.id).data?.body ?? added
  useEffect(() => {
    window.scrollTo(0, 0)
    top.current?.focus({ preventScroll: true })
  }, [])
  useLeaveGuard(!stored, () => new Promise((resolve) => setAsked(() => resolve)))
  const crumbs = [...domainCrumbs, { label: 'Integrated applications', href: '/applications' }]
  const facts = [
    ['Client ID', app.name],
    ['Token URL', `${domain.url}/oauth2/v1/token`],
    ...(app.allowedScopes ?? []).map(({ fqs }) => ['Scope', fqs] as const),
  ] as const
  return (
    <>
      <PageHead crumbs={crumbs} title={`${app.displayName} is ready`} />
      <div ref={top} tabIndex={-1} className="step-fields">
        <Alert color="teal" icon={<IconCircleCheck />} role="status" mb="md" title="Added">
          Store the secret now, then done.
        </Alert>
        <div className="halves">
          <section className="card" aria-label="Client secret">
            <Title order={2} size="h4" mb="md">
              Client secret
            </Title>
            <Stack>
              <SecretOnce secret={secret} />
              <Checkbox
                label="I have stored it"
                checked={stored}
                onChange={(event) => setStored(event.currentTarget.checked)}
              />
              <Group justify="flex-end">
                <Button disabled={!stored} onClick={() => navigate(`/applications/${app.id}`)}>
                  Done
                </Button>
              </Group>
            </Stack>
          </section>
          <FirstToken app={app} secret={secret} />
        </div>
        <section className="card" aria-label="For the program">
          <Title order={2} size="h4" mb="md">
            For the program
          </Title>
          <Stack>
            <Facts
              facts={facts.map(([label, value]) => ({
                label,
                value: <CopyValue label={label} value={value} />,
              }))}
            />
            <SecretFiles app={app} secret={secret} />
          </Stack>
        </section>
      </div>
      {asked === null ? null : (
        <LeaveDialog
          settle={(leaves) => {
            setAsked(null)
            asked(leaves)
          }}
        />
      )}
    </>
  )
}
