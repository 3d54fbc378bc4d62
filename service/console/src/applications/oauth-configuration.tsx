import { Button, Group, Text, Title } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import {
  draftOf,
  faultOfDraft,
  isMobile,
  type OAuthDraft,
  operationsOf,
} from '../oauth-configuration/draft.ts'
import { OAuthFields } from '../oauth-configuration/oauth-fields.tsx'
import { saveRoles } from '../oauth-configuration/save-roles.ts'
import { Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { type AppRecord, appExtension } from '../server/records.ts'
import { patchApp } from '../server/scim.ts'
import { credentialFacts } from './general-information.tsx'
import { heldRoles } from './use-application.ts'

interface ConfigurationProps {
  readonly app: AppRecord
  readonly version: string | null
}

const EditForm = ({
  app,
  version,
  onDone,
}: ConfigurationProps & { readonly onDone: () => void }) => {
  const queries = useQueryClient()
  const [draft, setDraft] = useState<OAuthDraft>(() => draftOf(app, heldRoles(app)))
  const [mistake, setMistake] = useState<Error | null>(null)
  // The version that the form was filled from, so that a newer change is not overwritten.
  const [readVersion] = useState(version)
  const saving = useMutation({
    mutationFn: async () => {
      await patchApp(app.id, operationsOf(draft, app), readVersion)
      const wanted = draft.client.configured && draft.client.addRoles ? draft.client.roles : []
      await saveRoles(app.id, heldRoles(app), wanted)
    },
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const fault = faultOfDraft(draft)
    setMistake(fault === null ? null : new Error(fault))
    if (fault === null) saving.mutate()
  }
  const fault = saving.error ?? mistake
  return (
    <form onSubmit={submit} aria-label="Edit OAuth configuration">
      <OAuthFields draft={draft} mobile={isMobile(app)} onChange={setDraft} />
      {fault === null ? null : <FaultNotice fault={fault} />}
      <div className="actions">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={saving.isPending}>
          Submit
        </Button>
      </div>
    </form>
  )
}

const reachWords = { Account: 'All', Tags: 'Tagged', Explicit: 'Specific', Default: 'Specific' }

const Words = ({ words }: { readonly words: readonly string[] }) =>
  words.length === 0 ? (
    <>–</>
  ) : (
    words.map((word) => (
      <Text key={word} size="sm" ff="monospace" className="breakable">
        {word}
      </Text>
    ))
  )

const ClientFacts = ({ app }: { readonly app: AppRecord }) => (
  <section className="card" aria-label="Client configuration">
    <Title order={2} size="h4" mb="md">
      Client configuration
    </Title>
    {app.isOAuthClient ? (
      <Facts
        facts={[
          ...credentialFacts(app),
          { label: 'Client type', value: app.clientType ?? '–' },
          {
            label: 'Allowed grant types',
            value: <Words words={app.allowedGrants ?? []} />,
          },
          { label: 'Authorized resources', value: reachWords[app.trustScope ?? 'Explicit'] },
          {
            label: 'Resources',
            value: <Words words={(app.allowedScopes ?? []).map(({ fqs }) => fqs)} />,
          },
          {
            label: 'App roles',
            value: <Words words={heldRoles(app).map(({ displayName }) => displayName)} />,
          },
          {
            label: 'Authentication',
            value:
              (app[appExtension]?.authenticationMethods ?? []).length === 0 ? (
                'any method that it has a credential for'
              ) : (
                <Words words={app[appExtension]?.authenticationMethods ?? []} />
              ),
          },
        ]}
      />
    ) : (
      <Text size="sm">Not configured as a client: it asks for no tokens.</Text>
    )}
  </section>
)

const ResourceFacts = ({ app }: { readonly app: AppRecord }) => (
  <section className="card" aria-label="Resource server configuration">
    <Title order={2} size="h4" mb="md">
      Resource server configuration
    </Title>
    {app.isOAuthResource ? (
      <Facts
        facts={[
          { label: 'Primary audience', value: <Words words={[app.audience ?? '']} /> },
          {
            label: 'Scopes',
            value: <Words words={(app.scopes ?? []).map((each) => each.value)} />,
          },
          {
            label: 'Access token expiration',
            value: app.accessTokenExpiry ? `${app.accessTokenExpiry} s` : 'as the domain has it',
          },
          { label: 'Token profile', value: app[appExtension]?.tokenProfile ?? '–' },
        ]}
      />
    ) : (
      <Text size="sm">Not configured as a resource server: it accepts no tokens.</Text>
    )}
  </section>
)

/** What is configured, and *Edit OAuth configuration*. */
export const OAuthConfiguration = (props: ConfigurationProps) => {
  const [editing, setEditing] = useState(false)
  if (editing) return <EditForm {...props} onDone={() => setEditing(false)} />
  return (
    <>
      <Group justify="flex-end" mb="md">
        <Button
          variant="light"
          leftSection={<IconPencil size={16} />}
          onClick={() => setEditing(true)}
        >
          Edit OAuth configuration
        </Button>
      </Group>
      <div className="halves">
        <ClientFacts app={props.app} />
        <ResourceFacts app={props.app} />
      </div>
    </>
  )
}
