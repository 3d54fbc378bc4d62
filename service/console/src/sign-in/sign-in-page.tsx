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
import { type Credentials, type Session, signIn } from '../server/session.ts'

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

/** There is no default password: a code from the terminal, or an application's own secret. */
export const SignInPage = ({
  notice,
  onSignedIn,
}: {
  readonly notice: string | null
  readonly onSignedIn: (session: Session) => void
}) => {
  const attempt = useMutation({ mutationFn: signIn, onSuccess: onSignedIn })
  const form = { busy: attempt.isPending, onSend: attempt.mutate }
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
        {attempt.isError ? <FaultNotice fault={attempt.error} /> : null}
        <Tabs defaultValue="pairing" onChange={() => attempt.reset()}>
          <Tabs.List grow>
            <Tabs.Tab value="pairing">Pairing code</Tabs.Tab>
            <Tabs.Tab value="application">Application</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="pairing">
            <PairingForm {...form} />
          </Tabs.Panel>
          <Tabs.Panel value="application">
            <ApplicationForm {...form} />
          </Tabs.Panel>
        </Tabs>
      </Paper>
    </Center>
  )
}
