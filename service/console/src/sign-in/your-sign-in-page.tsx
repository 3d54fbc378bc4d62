import {
  Button,
  Code,
  Group,
  List,
  Modal,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, type SubmitEvent, useState } from 'react'
import { useSession } from '../frame/session-context.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import {
  type Account,
  type AuthenticatorOffer,
  addPasskey,
  offerAuthenticator,
  readAccount,
  removeAuthenticator,
  removePasskey,
  renewRecoveryCodes,
  setPassword,
} from '../server/account.ts'
import type { Session } from '../server/session.ts'
import { AuthenticatorDialog } from './authenticator-dialog.tsx'

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Paper withBorder p="lg">
    <Title order={2} size="h4" mb="sm">
      {title}
    </Title>
    {children}
  </Paper>
)

interface PartProps {
  readonly account: Account
  readonly busy: boolean
  /** Does it, and shows what the server says. */
  readonly run: (work: () => Promise<Session>) => void
}

const PasswordPart = ({ account, busy, run }: PartProps) => {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const password = String(new FormData(form).get('password') ?? '')
    run(async () => {
      const session = await setPassword(password)
      form.reset()
      return session
    })
  }
  return (
    <Part title="Password">
      <form onSubmit={submit}>
        <Group align="end">
          <PasswordInput
            name="password"
            label={account.hasPassword ? 'New password' : 'Password'}
            description="12 characters or more; several words are easy to keep"
            autoComplete="new-password"
            minLength={12}
            required
            flex={1}
          />
          <Button type="submit" loading={busy}>
            {account.hasPassword ? 'Change password' : 'Set password'}
          </Button>
        </Group>
      </form>
    </Part>
  )
}

const hasSecondFactor = ({ authenticator, passkeys }: Account): boolean =>
  authenticator !== null || passkeys.length > 0

const PasskeyForm = ({ busy, run }: Omit<PartProps, 'account'>) => {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const label = String(new FormData(form).get('label') ?? '').trim()
    run(async () => {
      const session = await addPasskey(label)
      form.reset()
      return session
    })
  }
  return (
    <form onSubmit={submit}>
      <Group align="end">
        <TextInput
          name="label"
          label="Name of a passkey"
          description="To tell it from others: where it is kept"
          placeholder="Laptop"
          autoComplete="off"
          maxLength={60}
          required
          flex={1}
        />
        <Button type="submit" variant="default" loading={busy}>
          Add passkey
        </Button>
      </Group>
    </form>
  )
}

const FactorPart = ({
  account,
  busy,
  run,
  onOffer,
}: PartProps & { readonly onOffer: () => void }) => (
  <Part title="Second factor">
    <Text size="sm" mb="md">
      {hasSecondFactor(account)
        ? 'Asked for after the password.'
        : 'A password signs in together with one of these.'}
    </Text>
    <List mb="md">
      {account.authenticator === null ? null : (
        <List.Item>
          Authenticator{' '}
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={busy}
            onClick={() => run(removeAuthenticator)}
          >
            Remove authenticator
          </Button>
        </List.Item>
      )}
      {account.passkeys.map(({ id, label, host }) => (
        <List.Item key={id}>
          Passkey {label} at {host}{' '}
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={busy}
            onClick={() => run(() => removePasskey(id))}
          >
            Remove passkey {label}
          </Button>
        </List.Item>
      ))}
    </List>
    <Button variant="default" loading={busy} onClick={onOffer} mb="md">
      {account.authenticator === null ? 'Add authenticator' : 'Replace authenticator'}
    </Button>
    <PasskeyForm busy={busy} run={run} />
  </Part>
)

const RecoveryPart = ({ account, busy, run }: PartProps) => (
  <Part title="Recovery codes">
    {hasSecondFactor(account) ? (
      <>
        <Text size="sm" mb="md">
          {account.recoveryCodes} left. Each stands in for the second factor once. Without any,{' '}
          <Code>mintmark admin pair</Code> lets you in.
        </Text>
        <Button variant="default" loading={busy} onClick={() => run(renewRecoveryCodes)}>
          Make new recovery codes
        </Button>
      </>
    ) : (
      <Text size="sm">They come with the first second factor, in whose place they stand.</Text>
    )}
  </Part>
)

const CodesDialog = ({
  codes,
  onClose,
}: {
  readonly codes: readonly string[]
  readonly onClose: () => void
}) => (
  <Modal opened onClose={onClose} title="Recovery codes, shown this once">
    <Code block>{codes.join('\n')}</Code>
    <Button mt="md" onClick={onClose}>
      I have stored them
    </Button>
  </Modal>
)

/** How the one who is signed in does so without a pairing code. */
export const YourSignInPage = () => {
  const { session, renew } = useSession()
  const client = useQueryClient()
  const [codes, setCodes] = useState<readonly string[]>([])
  const [offer, setOffer] = useState<AuthenticatorOffer | null>(null)
  const isUser = session.administrator.type === 'User'
  const query = useQuery({ queryKey: ['account'], queryFn: readAccount, enabled: isUser })
  const take = (renewed: Session): void => {
    setOffer(null)
    setCodes(renewed.recoveryCodes ?? [])
    const { recoveryCodes: _, ...kept } = renewed
    renew(kept)
    client.invalidateQueries({ queryKey: ['account'] })
  }
  const change = useMutation({
    mutationFn: (work: () => Promise<Session>) => work(),
    onSuccess: take,
  })
  const offering = useMutation({ mutationFn: offerAuthenticator, onSuccess: setOffer })
  const fault = query.error ?? change.error ?? offering.error
  const busy = change.isPending || offering.isPending
  const parts = query.data && { account: query.data, busy, run: change.mutate }
  return (
    <>
      <PageHead
        title="Your sign-in"
        lead="In place of pairing codes. A change signs your other browsers out."
      />
      {fault === null ? null : <FaultNotice fault={fault} />}
      {isUser ? null : (
        <Text>An application signs in by its client secret, which is on its page.</Text>
      )}
      {parts === undefined ? null : (
        <Stack>
          <PasswordPart {...parts} />
          <FactorPart {...parts} onOffer={() => offering.mutate()} />
          <RecoveryPart {...parts} />
        </Stack>
      )}
      {offer === null ? null : (
        <AuthenticatorDialog offer={offer} onAdded={take} onClose={() => setOffer(null)} />
      )}
      {codes.length === 0 ? null : <CodesDialog codes={codes} onClose={() => setCodes([])} />}
    </>
  )
}
