import { Alert, Button, Checkbox, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { CodeBlock } from '../parts/code-block.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { StepList } from '../parts/step-list.tsx'
import {
  addressOf,
  answerText,
  audiencesOf,
  type CallWish,
  curlOfCall,
  type GuardVerdict,
  imagineCall,
} from './imagine-call.ts'
import type { DecodedToken } from './token-text.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

const Demands = ({
  label,
  names,
  chosen,
  onChange,
}: {
  readonly label: string
  readonly names: readonly string[]
  readonly chosen: readonly string[]
  readonly onChange: (names: readonly string[]) => void
}) =>
  names.length === 0 ? null : (
    <Checkbox.Group label={label} value={[...chosen]} onChange={onChange}>
      <Group gap="md" mt={4} className="demands">
        {names.map((name) => (
          <Checkbox key={name} value={name} label={name} />
        ))}
      </Group>
    </Checkbox.Group>
  )

const headlineOf = ({ refusal }: GuardVerdict, { method, url }: CallWish): string =>
  refusal === null
    ? `Let in: ${method} ${url}`
    : `${refusal.status} ${refusal.reason}: ${refusal.detail}`

const Verdict = ({ told, wish }: { readonly told: GuardVerdict; readonly wish: CallWish }) => (
  <div aria-live="polite">
    <Alert
      color={told.refusal === null ? 'teal' : 'red'}
      title={headlineOf(told, wish)}
      mb="sm"
      className="breakable"
    />
    <StepList
      steps={told.demands.map(({ kind, name, held }) => ({
        step: `${kind} ${name}`,
        ok: held,
        what: `${kind === 'scope' ? 'Scope' : 'App role'} ${name}`,
        detail: held ? 'The token has it.' : 'The token does not have it.',
      }))}
    />
    {told.profile === 'identity-domain' && wish.roles.length > 0 ? (
      <Text size="sm" mb="sm">
        Tokens of the profile identity-domain name no app roles; those of rfc9068 do.
      </Text>
    ) : null}
    {told.endedEarly ? (
      <Text size="sm" mb="sm">
        A guard that does not follow revocations would let it in until it expires.
      </Text>
    ) : null}
    {told.refusal === null ? null : <CodeBlock label="Answer" text={answerText(told)} />}
  </div>
)

const Target = ({
  audiences,
  api,
  method,
  url,
  setMethod,
  setUrl,
  onApi,
}: Pick<CallWish, 'api' | 'method' | 'url'> & {
  readonly audiences: readonly string[]
  readonly setMethod: (method: string) => void
  readonly setUrl: (url: string) => void
  readonly onApi: (audience: string) => void
}) => (
  <div className="toolbar">
    {audiences.length < 2 ? null : (
      <NativeSelect
        label="API"
        data={[...audiences]}
        value={api}
        onChange={(event) => onApi(event.currentTarget.value)}
      />
    )}
    <NativeSelect
      label="Method"
      data={methods}
      value={method}
      onChange={(event) => setMethod(event.currentTarget.value)}
    />
    <TextInput
      className="search"
      label="URL"
      type="url"
      required
      spellCheck={false}
      value={url}
      onChange={(event) => setUrl(event.currentTarget.value)}
    />
  </div>
)

/** What the guard of an API says to the token that was just got, and the call to make by hand. */
export const CallPanel = ({
  token,
  decoded,
}: {
  readonly token: string
  readonly decoded: DecodedToken
}) => {
  const audiences = audiencesOf(decoded.claims)
  const [api, setApi] = useState(audiences[0] ?? '')
  const [method, setMethod] = useState('GET')
  const [url, setUrl] = useState(addressOf(api))
  const [scopes, setScopes] = useState<readonly string[]>([])
  const [roles, setRoles] = useState<readonly string[]>([])
  const plain = { token, api, method: 'GET', url: addressOf(api), scopes: [], roles: [] }
  const declared = useQuery({
    queryKey: ['tokens', 'declared', api],
    queryFn: async () => (await imagineCall(plain)).declared,
    enabled: api !== '',
    retry: false,
  })
  const asking = useMutation({ mutationFn: imagineCall, gcTime: 0 })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    asking.mutate({ token, api, method, url: url.trim(), scopes, roles })
  }
  const choose = (audience: string): void => {
    setApi(audience)
    setUrl(addressOf(audience))
    setScopes([])
    setRoles([])
    asking.reset()
  }
  return (
    <section className="card" aria-label="Call an API">
      <Title order={2} size="h4" mb="xs">
        Call an API
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        What its guard would answer. This page asks nobody but this server, and the server sends
        nothing to the API: to make the call, paste the line below.
      </Text>
      <form onSubmit={submit}>
        <Target {...{ audiences, api, method, url, setMethod, setUrl }} onApi={choose} />
        <Demands
          label="The route demands these scopes"
          names={declared.data?.scopes ?? []}
          chosen={scopes}
          onChange={setScopes}
        />
        <Demands
          label="and these app roles"
          names={declared.data?.roles ?? []}
          chosen={roles}
          onChange={setRoles}
        />
        <Button
          my="md"
          type="submit"
          variant="light"
          disabled={api === ''}
          loading={asking.isPending}
          leftSection={<IconShieldCheck size={18} />}
        >
          Ask the guard
        </Button>
      </form>
      {declared.isError ? <FaultNotice fault={declared.error} /> : null}
      {asking.isError ? <FaultNotice fault={asking.error} /> : null}
      {asking.data === undefined ? null : <Verdict told={asking.data} wish={asking.variables} />}
      <CodeBlock label="Call" text={curlOfCall({ token, method, url: url.trim() })} />
    </section>
  )
}
