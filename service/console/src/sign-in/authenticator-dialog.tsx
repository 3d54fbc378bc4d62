import { Anchor, Button, Center, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { CopyValue } from '../parts/copy-value.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { type AuthenticatorOffer, addAuthenticator } from '../server/account.ts'
import type { Session } from '../server/session.ts'
import { QrPicture } from './qr-picture.tsx'

/** A new shared secret, and the code that shows that an authenticator has it. */
export const AuthenticatorDialog = ({
  offer,
  onAdded,
  onClose,
}: {
  readonly offer: AuthenticatorOffer
  readonly onAdded: (session: Session) => void
  readonly onClose: () => void
}) => {
  const add = useMutation({
    mutationFn: (code: string) => addAuthenticator(offer.offer, code),
    onSuccess: onAdded,
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    add.mutate(String(new FormData(event.currentTarget).get('code') ?? '').trim())
  }
  return (
    <Modal opened onClose={onClose} title="Add an authenticator">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            Have an authenticator program (time-based, six digits) see this picture, type the key
            into it, or <Anchor href={offer.address}>open it in one on this device</Anchor>. It is
            shown this once.
          </Text>
          <Center>
            <QrPicture label="The key as a QR code" text={offer.address} />
          </Center>
          <CopyValue label="Key" value={offer.secret} />
          {add.isError ? <FaultNotice fault={add.error} /> : null}
          <TextInput
            name="code"
            label="Code that it shows now"
            autoComplete="one-time-code"
            inputMode="numeric"
            required
            data-autofocus
          />
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}
