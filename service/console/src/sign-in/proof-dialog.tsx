import { Button, Modal, PasswordInput, Stack, Tabs, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { type ProofKind, prove, proveByPasskey, type Session } from '../server/session.ts'

const names: Readonly<Record<ProofKind, string>> = {
  password: 'Password',
  code: 'Code',
  passkey: 'Passkey',
  pairingCode: 'Pairing code',
  clientSecret: 'Client secret',
}

const fields = {
  password: { label: 'Your password', autoComplete: 'current-password' },
  code: { label: 'Code of your authenticator, or a recovery code', autoComplete: 'one-time-code' },
  pairingCode: { label: 'A new pairing code', autoComplete: 'one-time-code' },
  clientSecret: { label: 'Client secret', autoComplete: 'off' },
} as const

/** What is written on the wire for each. */
const proofOf = (kind: Exclude<ProofKind, 'passkey'>, text: string) => {
  const said = text.trim()
  switch (kind) {
    case 'password':
      return { password: text }
    case 'code':
      return { code: said }
    case 'pairingCode':
      return { pairingCode: said.toUpperCase() }
    case 'clientSecret':
      return { clientSecret: said }
  }
}

const ProofField = ({ kind, busy }: { readonly kind: ProofKind; readonly busy: boolean }) => {
  if (kind === 'passkey') {
    return (
      <Button type="submit" loading={busy} mt="md">
        Use a passkey
      </Button>
    )
  }
  const { label, autoComplete } = fields[kind]
  const Field = kind === 'password' || kind === 'clientSecret' ? PasswordInput : TextInput
  return (
    <Stack mt="md">
      <Field
        name="proof"
        label={label}
        description={
          kind === 'pairingCode' ? 'From mintmark admin pair, for the user signed in' : undefined
        }
        autoComplete={autoComplete}
        spellCheck={false}
        required
        data-autofocus
      />
      <Button type="submit" loading={busy}>
        Go on
      </Button>
    </Stack>
  )
}

/** Asks who sits there, before keys and secrets. What was being done waits, and then goes on. */
export const ProofDialog = ({
  proofs,
  onProven,
  onClose,
}: {
  readonly proofs: readonly ProofKind[]
  readonly onProven: (session: Session) => void
  readonly onClose: () => void
}) => {
  const [kind, setKind] = useState<ProofKind>(proofs[0] ?? 'pairingCode')
  const attempt = useMutation({
    mutationFn: (text: string) =>
      kind === 'passkey' ? proveByPasskey() : prove(proofOf(kind, text)),
    onSuccess: onProven,
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    event.stopPropagation()
    attempt.mutate(String(new FormData(event.currentTarget).get('proof') ?? ''))
  }
  const choose = (value: string | null): void => {
    attempt.reset()
    setKind(proofs.find((each) => each === value) ?? kind)
  }
  return (
    <Modal opened onClose={onClose} title="Is it still you?" zIndex={1000}>
      <Text size="sm" mb="md">
        Keys, secrets and administrators take a fresh proof, good for five minutes. What you were
        doing goes on afterwards.
      </Text>
      {attempt.isError ? <FaultNotice fault={attempt.error} /> : null}
      <form onSubmit={submit}>
        <Tabs value={kind} onChange={choose}>
          {proofs.length < 2 ? null : (
            <Tabs.List>
              {proofs.map((each) => (
                <Tabs.Tab key={each} value={each}>
                  {names[each]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          )}
          {proofs.map((each) => (
            <Tabs.Panel key={each} value={each}>
              {each === kind ? <ProofField kind={each} busy={attempt.isPending} /> : null}
            </Tabs.Panel>
          ))}
        </Tabs>
      </form>
    </Modal>
  )
}
