import { Button, FileButton, Group, Modal, Text, Textarea, TextInput } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { addCertificate, type CertificateKind } from './certificates.ts'

const pemCharsMax = 20_000

/** An alias and the certificate itself, pasted or from a file; the server reads the rest of it. */
export const AddCertificate = ({
  kind,
  title,
  onClose,
}: {
  readonly kind: CertificateKind
  readonly title: string
  readonly onClose: () => void
}) => {
  const queries = useQueryClient()
  const [alias, setAlias] = useState('')
  const [pem, setPem] = useState('')
  const adding = useMutation({
    mutationFn: () => addCertificate(kind, alias.trim(), pem),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['certificates'] })
      onClose()
    },
  })
  const take = async (file: File | null): Promise<void> => {
    if (file === null) return
    setPem(await file.slice(0, pemCharsMax).text())
    if (alias === '') setAlias(file.name.replace(/\.\w+$/, ''))
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    adding.mutate()
  }
  const hasPrivateKey = pem.includes('PRIVATE KEY')
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form onSubmit={submit}>
        <TextInput
          data-autofocus
          required
          label="Certificate alias"
          value={alias}
          onChange={(event) => setAlias(event.currentTarget.value)}
          mb="md"
        />
        <Textarea
          required
          label="Certificate (PEM)"
          placeholder="-----BEGIN CERTIFICATE-----"
          rows={8}
          maxLength={pemCharsMax}
          className="code-input"
          value={pem}
          spellCheck={false}
          onChange={(event) => setPem(event.currentTarget.value)}
          error={
            hasPrivateKey
              ? 'There is a private key in it. Only the certificate is wanted; keep the key.'
              : null
          }
        />
        <Group mt="xs" gap="xs">
          <FileButton onChange={take} accept=".pem,.crt,.cer">
            {(props) => (
              <Button {...props} variant="default" size="xs" leftSection={<IconUpload size={14} />}>
                From a file
              </Button>
            )}
          </FileButton>
          <Text size="xs" c="dimmed">
            Thumbprint and validity are read from it.
          </Text>
        </Group>
        {adding.isError ? <FaultNotice fault={adding.error} /> : null}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={alias.trim() === '' || pem.trim() === '' || hasPrivateKey}
            loading={adding.isPending}
          >
            {title}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
