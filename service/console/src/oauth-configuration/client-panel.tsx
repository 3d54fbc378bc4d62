import { Alert, Checkbox, Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { AllowanceFields } from './allowance-fields.tsx'
import type { ClientDraft } from './draft.ts'
import { TokenPolicy } from './token-policy.tsx'

interface PanelProps {
  readonly draft: ClientDraft
  readonly mobile: boolean
  readonly besideResources?: ReactNode
  readonly onChange: (changes: Partial<ClientDraft>) => void
}

const whyNoClientCredentials =
  'A Mobile Application has no client secret, and without one it cannot use the Client ' +
  'Credentials grant. Add a Confidential Application for that.'

const GrantTypes = ({ draft, mobile, onChange }: PanelProps) => (
  <Stack gap="xs">
    <Checkbox.Group
      label="Allowed grant types"
      value={[
        ...(draft.clientCredentials ? ['client_credentials'] : []),
        ...(draft.jwtAssertion ? ['jwt'] : []),
      ]}
      onChange={(chosen) =>
        onChange({
          clientCredentials: chosen.includes('client_credentials'),
          jwtAssertion: chosen.includes('jwt'),
        })
      }
    >
      <Group mt="xs" gap="lg">
        <Checkbox value="client_credentials" label="Client credentials" disabled={mobile} />
        <Checkbox
          value="jwt"
          label="JWT assertion"
          disabled
          description="not issued by this server; client credentials may be proven by a JWT"
        />
      </Group>
    </Checkbox.Group>
    {mobile ? (
      <Alert icon={<IconInfoCircle />} color="yellow" title="Client credentials: not available">
        {whyNoClientCredentials}
      </Alert>
    ) : null}
  </Stack>
)

/** Places for what only sign-in of people needs: guides say to leave them blank. */
const RedirectAddresses = ({ draft, onChange }: PanelProps) => (
  <details className="folded">
    <summary>Redirect URL, Post-logout redirect URL, Logout URL</summary>
    <Stack gap="sm" mt="sm">
      <Text size="sm">Not used by client credentials: leave them blank.</Text>
      <TextInput
        label="Redirect URL"
        value={draft.redirectUrl}
        onChange={(event) => onChange({ redirectUrl: event.currentTarget.value })}
      />
      <TextInput
        label="Post-logout redirect URL"
        value={draft.postLogoutRedirectUrl}
        onChange={(event) => onChange({ postLogoutRedirectUrl: event.currentTarget.value })}
      />
      <TextInput
        label="Logout URL"
        value={draft.logoutUrl}
        onChange={(event) => onChange({ logoutUrl: event.currentTarget.value })}
      />
    </Stack>
  </details>
)

const ClientType = ({ draft, mobile, onChange }: PanelProps) => (
  <Radio.Group
    label="Client type"
    value={draft.clientType}
    onChange={(value) => onChange({ clientType: value as ClientDraft['clientType'] })}
  >
    <Group mt="xs" gap="lg">
      <Radio value="confidential" label="Confidential" disabled={mobile} />
      <Radio value="trusted" label="Trusted" disabled={mobile} />
      {mobile ? <Radio value="public" label="Public" /> : null}
    </Group>
  </Radio.Group>
)

/** *Client configuration*: may it ask for tokens, how, and for which. */
export const ClientPanel = (props: PanelProps) => {
  const { draft, mobile, besideResources, onChange } = props
  return (
    <fieldset className="panel">
      <legend>Client configuration</legend>
      <Radio.Group
        aria-label="Client configuration"
        value={draft.configured ? 'now' : 'no'}
        onChange={(value) =>
          onChange({
            configured: value === 'now',
            ...(mobile ? { clientType: 'public' as const } : {}),
          })
        }
      >
        <Stack gap="xs">
          <Radio value="now" label="Configure this application as a client now" />
          <Radio value="no" label="No client configuration" />
        </Stack>
      </Radio.Group>
      {draft.configured ? (
        <Stack mt="lg" gap="lg">
          <GrantTypes {...props} />
          <RedirectAddresses {...props} />
          <ClientType {...props} />
          <Checkbox.Group
            label="Allowed operations"
            value={draft.introspect ? ['introspect'] : []}
            onChange={(chosen) => onChange({ introspect: chosen.includes('introspect') })}
          >
            <Checkbox
              mt="xs"
              value="introspect"
              label="Introspect"
              description="May ask whether tokens of the APIs it reaches are alive"
            />
          </Checkbox.Group>
          {mobile ? null : (
            <>
              <TokenPolicy draft={draft} besideResources={besideResources} onChange={onChange} />
              <AllowanceFields
                draft={draft.allowance}
                side="client"
                onChange={(allowance) => onChange({ allowance })}
              />
            </>
          )}
        </Stack>
      ) : null}
    </fieldset>
  )
}
