import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { FaultNotice } from './fault-notice.tsx'

/** What cannot be taken back: says what follows, and wants the name typed before it does it. */
export const ConfirmByName = ({
  title,
  name,
  act,
  onClose,
  children,
}: {
  /** Of the dialog and of the button that does it. */
  readonly title: string
  readonly name: string
  readonly act: () => Promise<unknown>
  readonly onClose: () => void
  /** What follows. */
  readonly children: ReactNode
}) => {
  const [typed, setTyped] = useState('')
  const acting = useMutation({ mutationFn: act })
  return (
    <Modal opened onClose={onClose} title={title}>
      {children}
      {acting.isError ? <FaultNotice fault={acting.error} /> : null}
      <TextInput
        data-autofocus
        label={`Type the name to confirm: ${name}`}
        value={typed}
        autoComplete="off"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="red"
          disabled={typed !== name}
          loading={acting.isPending}
          onClick={() => acting.mutate()}
        >
          {title}
        </Button>
      </Group>
    </Modal>
  )
}
