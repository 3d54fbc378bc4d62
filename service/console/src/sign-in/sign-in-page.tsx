import {
  Button,
  Center,
  Code,
  Group,
  Paper,
  PasswordInput,
  Stack,
  Tabs,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import mark from '../frame/mark.svg'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { askPasskey } from '../server/passkey.ts'
import { type Credentials, type FactorWanted, type Session, signIn } from '../server/session.ts'

interface FormProps {
  readonly busy: boolean
  readonly onSend: (credentials: Credentials) => void
}

const PairingForm = ({ busy, onSend }: FormProps) => {
  const [code, setCode] = useState('')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    onSend({ pairingCode: code.trim().toUpperCase() })
  }
  return (
    <form onSubmit={submit}>
      <Stack mt="md">
        <TextInput
          label="Pairing code"
          description={
            <>
              Printed by <Code>mintmark dev</Code> and <Code>mintmark admin pair</Code>; works once,
              ten minutes
            </>
          }
          placeholder="QK7F-2MXD"
          autoComplete="one-time-code"
          spellCheck={false}
          required
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

const ApplicationForm = ({ busy, onSend }: FormProps) => {
  const [clientId, setClientId] = useState('')
  const [clientSecret, setClientSecret] = useState('')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    onSend({ clientId: clientId.trim(), clientSecret: clientSecret.trim() })
  }
  return (
    <form onSubmit={submit}>
      <Stack mt="md">
        <TextInput
          label="Client ID"
          description="Of an application that holds an administrator role"
          autoComplete="off"
          spellCheck={false}
          required
          value={clientId}
          onChange={(event) => setClientId(event.currentTarget.value)}
        />
        <PasswordInput
          label="Client secret"
          autoComplete="off"
          required
          value={clientSecret}
          onChange={(event) => setClientSecret(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

const PasswordForm = ({ busy, onSend }: FormProps) => {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '')
    onSend({ userName: text('userName').trim(), password: text('password') })
  }
  return (
    <form onSubmit={submit}>
      <Stack mt="md">
        <TextInput
          name="userName"
          label="User name"
          autoComplete="username"
          spellCheck={false}
          required
        />
        <PasswordInput
          name="password"
          label="Password"
          description="Set after the first pairing, under Your sign-in"
          autoComplete="current-password"
          required
        />
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

/** The password was right: the code of an authenticator, or a passkey. */
const FactorForm = ({
  busy,
  wanted,
  onSend,
  onPasskey,
  onBack,
}: FormProps & {
  readonly wanted: FactorWanted
  readonly onPasskey: () => void
  readonly onBack: () => void
}) => {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget).get('code') ?? '').trim()
    onSend({ challenge: wanted.challenge, code })
  }
  return (
    <Stack>
      {wanted.secondFactors.includes('passkey') ? (
        <Button loading={busy} onClick={onPasskey}>
          Use a passkey
        </Button>
      ) : null}
      {wanted.secondFactors.includes('code') ? (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              name="code"
              label="Code of your authenticator"
              description="Six digits; or a recovery code, which works once"
              autoComplete="one-time-code"
              spellCheck={false}
              required
              autoFocus
            />
            <Button type="submit" loading={busy}>
              Sign in
            </Button>
          </Stack>
        </form>
      ) : null}
      <Button variant="subtle" color="gray" onClick={onBack}>
        Back
      </Button>
    </Stack>
  )
}

/** There is no default password: a code from the terminal, a password that was set, or a secret. */
export const SignInPage = ({
  notice,
  onSignedIn,
}: {
  readonly notice: string | null
  readonly onSignedIn: (session: Session) => void
}) => {
  const [wanted, setWanted] = useState<FactorWanted | null>(null)
  const take = (told: Session | FactorWanted): void => {
    if ('csrfToken' in told) onSignedIn(told)
    else setWanted(told)
  }
  const attempt = useMutation({ mutationFn: signIn, onSuccess: take })
  const passkey = useMutation({
    mutationFn: async ({ challenge, passkey: asked }: FactorWanted) =>
      signIn({ challenge, passkey: await askPasskey(asked) }),
    onSuccess: take,
  })
  const form = { busy: attempt.isPending || passkey.isPending, onSend: attempt.mutate }
  const fault = attempt.error ?? passkey.error
  return (
    <Center component="main" className="whole-page">
      <Paper withBorder p="xl" className="sign-in">
        <Group gap="sm" mb="lg">
          <img src={mark} alt="" width={36} height={36} />
          <Title order={1} size="h3">
            Sign in to Mintmark
          </Title>
        </Group>
        {notice === null ? null : (
          <Text size="sm" mb="md" role="status">
            {notice}
          </Text>
        )}
        {fault === null ? null : <FaultNotice fault={fault} />}
        {wanted === null ? (
          <Tabs defaultValue="pairing" keepMounted={false} onChange={() => attempt.reset()}>
            <Tabs.List grow>
              <Tabs.Tab value="pairing">Pairing code</Tabs.Tab>
              <Tabs.Tab value="password">Password</Tabs.Tab>
              <Tabs.Tab value="application">Application</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="pairing">
              <PairingForm {...form} />
            </Tabs.Panel>
            <Tabs.Panel value="password">
              <PasswordForm {...form} />
            </Tabs.Panel>
            <Tabs.Panel value="application">
              <ApplicationForm {...form} />
            </Tabs.Panel>
          </Tabs>
        ) : (
          <FactorForm
            {...form}
            wanted={wanted}
            onPasskey={() => passkey.mutate(wanted)}
            onBack={() => {
              attempt.reset()
              passkey.reset()
              setWanted(null)
            }}
          />
        )}
      </Paper>
    </Center>
  )
}
