import { Button, Group, Text, Title } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { type SubmitEvent, useState } from 'react'
import { allowanceOf, allowanceWords } from '../oauth-configuration/allowance.ts'
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
import { ConflictNotice } from './conflict-notice.tsx'
import { credentialFacts } from './general-information.tsx'
import { heldRoles } from './use-application.ts'
import { useVersionedEdit } from './use-versioned-edit.ts'

interface ConfigurationProps {
  readonly app: AppRecord
  readonly version: string | null
}

const EditForm = ({
  app,
  version,
  onDone,
}: ConfigurationProps & { readonly onDone: () => void }) => {
  const [mistake, setMistake] = useState<Error | null>(null)
  const edit = useVersionedEdit<OAuthDraft>(
    { app, version },
    {
      draftOf: (each) => draftOf(each, heldRoles(each)),
      write: async (draft, base) => {
        await patchApp(app.id, operationsOf(draft, base.app), base.version)
        const wanted = draft.client.configured && draft.client.addRoles ? draft.client.roles : []
        await saveRoles(app.id, heldRoles(base.app), wanted)
      },
      onDone,
    },
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const fault = faultOfDraft(edit.draft)
    setMistake(fault === null ? null : new Error(fault))
    if (fault === null) edit.save()
  }
  const fault = edit.fault ?? mistake
  return (
    <form onSubmit={submit} aria-label="Edit OAuth configuration">
      <OAuthFields draft={edit.draft} mobile={isMobile(app)} onChange={edit.change} />
      {edit.conflict === null ? null : (
        <ConflictNotice
          conflict={edit.conflict}
          busy={edit.isSaving}
          onApplyMine={edit.applyMine}
          onTakeTheirs={edit.takeTheirs}
        />
      )}
      {fault === null ? null : <FaultNotice fault={fault} />}
      <div className="actions">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={edit.isSaving} disabled={edit.conflict !== null}>
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
          { label: 'New tokens', value: allowanceWords(allowanceOf(app, 'client')) },
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
          { label: 'New tokens', value: allowanceWords(allowanceOf(app, 'api')) },
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
