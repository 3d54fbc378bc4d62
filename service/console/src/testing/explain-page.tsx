import { Alert, Button, Group, Modal, Tabs, Text, TextInput, Title } from '@mantine/core'
import { IconWand } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useEffect, useRef, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StepList } from '../parts/step-list.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { DecodedTokenView } from './decoded-token.tsx'
import { applyFix, isApplicable, type Preview, type PreviewFix, preview } from './preview.ts'
import { WhoPanel } from './who-panel.tsx'

const Steps = ({ told }: { readonly told: Preview }) => (
  <section className="card" aria-label="Steps">
    <Alert
      color={told.verdict === 'issued' ? 'teal' : 'red'}
      mb="md"
      title={
        told.verdict === 'issued'
          ? `${told.client.displayName} would get a token`
          : `${told.client.displayName} would be refused: ${told.reason ?? ''}`
      }
    />
    <StepList steps={told.steps} />
  </section>
)

const FixRow = ({ fix, onFixed }: { readonly fix: PreviewFix; readonly onFixed: () => void }) => {
  const [asking, setAsking] = useState(false)
  const queries = useQueryClient()
  const fixing = useMutation({
    mutationFn: () => applyFix(fix),
    onSuccess: async () => {
      setAsking(false)
      onFixed()
      await queries.invalidateQueries()
    },
  })
  return (
    <li>
      <IconWand aria-hidden />
      <div>
        <Text size="sm" mb={4} className="breakable">
          {fix.sentence}
        </Text>
        {isApplicable(fix) ? (
          <Button size="compact-sm" variant="light" onClick={() => setAsking(true)}>
            Fix it
          </Button>
        ) : (
          <Text size="xs" c="dimmed">
            The application has to ask differently.
          </Text>
        )}
        <Modal opened={asking} onClose={() => setAsking(false)} title="Fix it">
          {fix.steps.map(({ sentence }) => (
            <Text key={sentence} size="sm" className="breakable">
              {sentence}
            </Text>
          ))}
          {fixing.isError ? <FaultNotice fault={fixing.error} /> : null}
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button loading={fixing.isPending} onClick={() => fixing.mutate()}>
              Make this change
            </Button>
          </Group>
        </Modal>
      </div>
    </li>
  )
}

const Told = ({ told, onFixed }: { readonly told: Preview; readonly onFixed: () => void }) => (
  <div className="halves" aria-live="polite">
    <Steps told={told} />
    <div>
      {told.fixes.length === 0 ? null : (
        <section className="card" aria-label="Fixes">
          <Title order={2} size="h4" mb="md">
            What would change that
          </Title>
          <ul className="steps">
            {told.fixes.map((fix) => (
              <FixRow key={fix.kind + fix.sentence} fix={fix} onFixed={onFixed} />
            ))}
          </ul>
        </section>
      )}
      {told.tokens.map((token) => (
        <DecodedTokenView key={JSON.stringify(token.claims)} token={token} />
      ))}
    </div>
  </div>
)

/** Would one application get a token, and why. */
const AskPanel = () => {
  const [filters, change] = useFilters()
  const [client, setClient] = useState(filters.get('client') ?? '')
  const [scope, setScope] = useState(filters.get('scope') ?? '')
  const asking = useMutation({ mutationFn: preview })
  const asked = useRef(false)
  const ask = (): void => asking.mutate({ client, scope })
  // biome-ignore lint/correctness/useExhaustiveDependencies: an address with a client asks once
  useEffect(() => {
    if (client === '' || asked.current) return
    asked.current = true
    ask()
  }, [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const wish = { client: client.trim(), scope: scope.trim() }
    // another address begins anew, and asks by itself
    const isSame = Object.entries(wish).every(
      ([name, value]) => value === (filters.get(name) ?? ''),
    )
    if (isSame) ask()
    else change(wish)
  }
  return (
    <>
      <form className="toolbar" onSubmit={submit}>
        <TextInput
          className="search"
          label="Application"
          placeholder="Name or client ID"
          required
          value={client}
          onChange={(event) => setClient(event.currentTarget.value)}
        />
        <TextInput
          className="search"
          label="Scope"
          placeholder="Empty: none is asked for"
          spellCheck={false}
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value)}
        />
        <Button type="submit" loading={asking.isPending}>
          Explain
        </Button>
      </form>
      {asking.isError ? <FaultNotice fault={asking.error} /> : null}
      {asking.data === undefined ? null : <Told told={asking.data} onFixed={ask} />}
    </>
  )
}

/** Why yes, why no, and what would change it; and the other way round. */
export const ExplainPage = () => {
  const [filters, change] = useFilters()
  const tab = filters.get('tab') === 'who' ? 'who' : 'ask'
  return (
    <>
      <PageHead
        title="Explain"
        lead="Would an application get a token, and why? Nothing is issued."
      />
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next === 'who' ? 'who' : '' })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="ask">Would it get a token?</Tabs.Tab>
          <Tabs.Tab value="who">Who can reach a scope?</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="ask">
          <AskPanel key={`${filters.get('client')} ${filters.get('scope')}`} />
        </Tabs.Panel>
        <Tabs.Panel value="who">
          <WhoPanel />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
