import { Button, Group, Text, Title } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { useSession } from '../frame/session-context.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'
import { Moment } from '../parts/moment.tsx'
import { type AppRecord, kindOf } from '../server/records.ts'
import { ClientSecret } from './client-secret.tsx'
import { EditDetails } from './edit-details.tsx'
import type { Versioned } from './use-versioned-edit.ts'

const copied = (label: string, value: string) => ({
  label,
  value: <CopyValue label={label} value={value} />,
})

/** The facts that callers need, in the places where guides look for them. */
export const credentialFacts = (app: AppRecord) => [
  copied('Client ID', app.name),
  ...(app.isOAuthClient && app.clientType !== 'public'
    ? [{ label: 'Client secret', value: <ClientSecret app={app} /> }]
    : []),
]

const tagsOf = (app: AppRecord): string =>
  (app.tags ?? []).map(({ key, value }) => `${key}=${value}`).join(', ') || '–'

const Told = ({ app }: { readonly app: AppRecord }) => {
  const { created, lastModified } = app.meta ?? {}
  const moment = (at: string | undefined) => (at === undefined ? '–' : <Moment at={at} />)
  return (
    <>
      <Facts
        facts={[
          ...credentialFacts(app),
          { label: 'Type', value: kindOf(app) },
          ...(app.isOAuthResource && app.audience
            ? [copied('Primary audience', app.audience)]
            : []),
          { label: 'Contact', value: app.contactEmailAddress ?? '–' },
          { label: 'Tags', value: <span className="breakable">{tagsOf(app)}</span> },
          { label: 'Created', value: moment(created) },
          { label: 'Last changed', value: moment(lastModified) },
          copied('Application ID', app.id),
        ]}
      />
      {app.isOAuthClient || app.isOAuthResource ? null : (
        <Text size="sm" mt="md">
          Not configured yet: open the OAuth configuration tab to say whether it asks for tokens or
          accepts them.
        </Text>
      )}
    </>
  )
}

export const GeneralInformation = ({ app, version }: Versioned) => {
  const { domain } = useSession().session
  const [editing, setEditing] = useState(false)
  return (
    <div className="halves">
      <section className="card" aria-label="General Information">
        <Group justify="space-between" mb="md">
          <Title order={2} size="h4">
            General Information
          </Title>
          {editing ? null : (
            <Button
              size="xs"
              variant="light"
              leftSection={<IconPencil size={14} />}
              onClick={() => setEditing(true)}
            >
              Edit
            </Button>
          )}
        </Group>
        {editing ? (
          <EditDetails start={{ app, version }} onDone={() => setEditing(false)} />
        ) : (
          <Told app={app} />
        )}
      </section>
      <section className="card" aria-label="Domain">
        <Title order={2} size="h4" mb="md">
          Domain
        </Title>
        <Facts
          facts={[
            copied('Domain URL', domain.url),
            domain.secureUrl === null
              ? { label: 'Secure domain URL', value: 'not offered: no TLS door is configured' }
              : copied('Secure domain URL', domain.secureUrl),
            copied('Token URL', `${domain.url}/oauth2/v1/token`),
            copied('Issuer', domain.issuer),
          ]}
        />
      </section>
    </div>
  )
}
