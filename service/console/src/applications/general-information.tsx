import { Text, Title } from '@mantine/core'
import { useSession } from '../frame/session-context.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'
import { type AppRecord, kindOf } from '../server/records.ts'
import { ClientSecret } from './client-secret.tsx'

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

export const GeneralInformation = ({ app }: { readonly app: AppRecord }) => {
  const { domain } = useSession().session
  const created = app.meta?.created
  return (
    <div className="halves">
      <section className="card" aria-label="General Information">
        <Title order={2} size="h4" mb="md">
          General Information
        </Title>
        <Facts
          facts={[
            ...credentialFacts(app),
            { label: 'Type', value: kindOf(app) },
            ...(app.isOAuthResource && app.audience
              ? [copied('Primary audience', app.audience)]
              : []),
            {
              label: 'Created',
              value: created === undefined ? '–' : new Date(created).toLocaleString(),
            },
            copied('Application ID', app.id),
          ]}
        />
        {app.isOAuthClient || app.isOAuthResource ? null : (
          <Text size="sm" mt="md">
            Not configured yet: open the OAuth configuration tab to say whether it asks for tokens
            or accepts them.
          </Text>
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
