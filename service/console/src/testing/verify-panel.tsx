import { Alert, Anchor, Button, Group, Text, TextInput, Title } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { StepList } from '../parts/step-list.tsx'
import { type DecodedToken, lifeOf } from './token-text.ts'
import { type TokenVerdict, verifyToken } from './verify-token.ts'

/** The verdict in one line. */
const lineOf = ({ verdict, reason, steps }: TokenVerdict, decoded: DecodedToken): string => {
  const { iss } = decoded.claims
  if (verdict === 'valid') return `Accepted. ${lifeOf(decoded, Date.now())}`
  if (reason === 'NOT_OURS') return `Refused: not signed here. It names ${String(iss)} as issuer.`
  return `Refused: ${steps.at(-1)?.what ?? reason}.`
}

const Links = ({ told: { client, jti } }: { readonly told: TokenVerdict }) => (
  <Group gap="md" mt="sm">
    {client === null ? null : (
      <Anchor component={Link} href={`/applications/${client.id}`} size="sm">
        {client.displayName}
      </Anchor>
    )}
    {jti === null ? null : (
      <Anchor component={Link} href={`/audit?object=${encodeURIComponent(jti)}`} size="sm">
        What happened to it
      </Anchor>
    )}
  </Group>
)

/** What the server says of a token, alone or for one API and scope. */
export const VerifyPanel = ({
  text,
  decoded,
}: {
  readonly text: string
  readonly decoded: DecodedToken
}) => {
  const asking = useMutation({ mutationFn: verifyToken, gcTime: 0 })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [api = '', scope = ''] = ['api', 'scope'].map((name) =>
      String(form.get(name) ?? '').trim(),
    )
    asking.mutate({ token: text, api, scope })
  }
  const told = asking.data
  return (
    <section className="card" aria-label="On the server">
      <Title order={2} size="h4" mb="xs">
        Would it be accepted?
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        Signature, revocation, application and API are judged by this server, which keeps no copy.
        Name an API, and a scope of it, to ask on its behalf.
      </Text>
      <form className="toolbar" onSubmit={submit}>
        <TextInput name="api" label="API" placeholder="Any: name, audience or id" />
        <TextInput name="scope" label="Scope" placeholder="Any: orders.read" spellCheck={false} />
        <Button
          type="submit"
          loading={asking.isPending}
          leftSection={<IconShieldCheck size={18} />}
        >
          Verify on server
        </Button>
      </form>
      {asking.isError ? <FaultNotice fault={asking.error} /> : null}
      {told === undefined ? null : (
        <>
          <Alert
            color={told.verdict === 'valid' ? 'teal' : 'red'}
            mb="md"
            title={lineOf(told, decoded)}
          />
          <StepList steps={told.steps} />
          <Links told={told} />
        </>
      )}
    </section>
  )
}
