import {
  Alert,
  Button,
  Group,
  Modal,
  NativeSelect,
  PasswordInput,
  Stack,
  Text,
} from '@mantine/core'
import { IconKey, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { type AppRecord, secretsOf } from '../server/records.ts'
import { regenerateSecret } from '../server/scim.ts'
import { isLive } from './readiness.ts'
import { SecretFiles, SecretOnce } from './secret-once.tsx'

/** The one time it is seen: lives in the memory of this dialog only. */
const ShownOnce = ({
  app,
  secret,
  onClose,
}: {
  readonly app: AppRecord
  readonly secret: string
  readonly onClose: () => void
}) => {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Client secret"
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <SecretOnce secret={secret} />
        <SecretFiles app={app} secret={secret} />
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            I have stored it
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

const overlaps = [
  { value: '86400', label: 'works for 24 more hours' },
  { value: '3600', label: 'works for one more hour' },
  { value: '0', label: 'ends now' },
]

const RegenerateDialog = ({
  opened,
  busy,
  onClose,
  onChoose,
}: {
  readonly opened: boolean
  readonly busy: boolean
  readonly onClose: () => void
  readonly onChoose: (overlapSeconds: number) => void
}) => {
  const [overlap, setOverlap] = useState('86400')
  return (
    <Modal opened={opened} onClose={onClose} title="Regenerate client secret">
      <NativeSelect
        label="The secret that is in use"
        data={overlaps}
        value={overlap}
        onChange={(event) => setOverlap(event.currentTarget.value)}
      />
      {overlap === '0' ? (
        <Alert mt="md" color="yellow">
          Programs that still use it are refused from now on.
        </Alert>
      ) : null}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={busy} onClick={() => onChoose(Number(overlap))}>
          Regenerate
        </Button>
      </Group>
    </Modal>
  )
}

/** Minted when somebody first asks to see it, so that it is never made for nobody. */
export const ClientSecret = ({ app }: { readonly app: AppRecord }) => {
  const queries = useQueryClient()
  const [secret, setSecret] = useState<string | null>(null)
  const [filters, change] = useFilters()
  const asking = filters.get('do') === 'secret'
  const ask = (isAsked: boolean): void => change({ do: isAsked ? 'secret' : '' })
  const minting = useMutation({
    mutationFn: (overlapSeconds: number) => regenerateSecret(app.id, overlapSeconds),
    onSuccess: (minted) => {
      ask(false)
      setSecret(minted)
    },
    // the answer holds the secret: it must not stay in the cache
    gcTime: 0,
  })
  const stored = secretsOf(app)
  const live = stored.filter((secret) => isLive(secret, Date.now()))
  const [newest] = live.toSorted((a, b) => (a.created < b.created ? 1 : -1))
  const close = async (): Promise<void> => {
    setSecret(null)
    minting.reset()
    await queries.invalidateQueries()
  }
  return (
    <Stack gap={4}>
      <Group gap="xs">
        {newest === undefined ? (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconKey size={16} />}
            loading={minting.isPending}
            onClick={() => minting.mutate(0)}
          >
            Show client secret
          </Button>
        ) : (
          <>
            <Text span ff="monospace" size="sm">
              ••••••••{newest.ending ?? ''}
            </Text>
            <Button
              size="compact-sm"
              variant="light"
              leftSection={<IconRefresh size={16} />}
              onClick={() => ask(true)}
            >
              Regenerate
            </Button>
          </>
        )}
      </Group>
      {live.length > 1 ? (
        <Text size="xs" c="dimmed">
          {live.length} secrets work at present
        </Text>
      ) : null}
      {minting.isError ? <FaultNotice fault={minting.error} /> : null}
      <RegenerateDialog
        opened={asking && newest !== undefined}
        busy={minting.isPending}
        onClose={() => ask(false)}
        onChoose={(overlapSeconds) => minting.mutate(overlapSeconds)}
      />
      {secret === null ? null : <ShownOnce app={app} secret={secret} onClose={close} />}
    </Stack>
  )
}

/** A secret as something to type; kept by nobody. */
export const SecretInput = ({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
}) => (
  <PasswordInput
    label="Client secret"
    description="Stays in this page and goes to the token endpoint only"
    autoComplete="off"
    required
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
  />
)
