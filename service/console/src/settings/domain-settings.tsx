import { Button, Checkbox, Group, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import type { Answer } from '../server/request.ts'
import {
  changeDomainSettings,
  type DomainSettings,
  readDomainSettings,
  type ServerSetting,
} from './settings.ts'

const DomainForm = ({
  read,
  pinned,
}: {
  readonly read: Answer<DomainSettings>
  /** Where the server's own setting pins the issuer. */
  readonly pinned: string | null
}) => {
  const queries = useQueryClient()
  const [issuer, setIssuer] = useState(read.body.issuer)
  const [isPublic, setPublic] = useState(read.body.signingCertPublicAccess)
  const saving = useMutation({
    mutationFn: () =>
      changeDomainSettings({ issuer, signingCertPublicAccess: isPublic }, read.etag),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['settings'] }),
  })
  const isChanged = issuer !== read.body.issuer || isPublic !== read.body.signingCertPublicAccess
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    saving.mutate()
  }
  return (
    <form onSubmit={submit}>
      <TextInput
        label="Issuer"
        description={
          pinned === null
            ? 'What stands as iss in every token. APIs that expect the old one refuse new tokens.'
            : `Pinned by ${pinned}; change it there.`
        }
        value={issuer}
        // what is typed while it saves would be lost
        disabled={pinned !== null || saving.isPending}
        onChange={(event) => setIssuer(event.currentTarget.value)}
        mb="md"
      />
      <Checkbox
        label="Access signing certificate"
        description="Anybody may read the signing certificates, without a token."
        checked={isPublic}
        disabled={saving.isPending}
        onChange={(event) => setPublic(event.currentTarget.checked)}
      />
      {saving.isError ? <FaultNotice fault={saving.error} /> : null}
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={!isChanged} loading={saving.isPending}>
          Save
        </Button>
      </Group>
    </form>
  )
}

/** The settings of the domain, which can be changed here. */
export const DomainSettingsCard = ({
  settings,
}: {
  readonly settings: readonly ServerSetting[]
}) => {
  const domain = useQuery({ queryKey: ['settings', 'domain'], queryFn: readDomainSettings })
  const issuer = settings.find(({ key }) => key === 'issuer')
  const pinned = issuer?.value == null ? null : (issuer.source.place ?? 'the server')
  return (
    <section className="card" aria-label="Domain settings">
      <Title order={2} size="h4" mb="md">
        Domain settings
      </Title>
      {domain.isPending ? <Loading height={140} /> : null}
      {domain.isError ? <FaultNotice fault={domain.error} retry={() => domain.refetch()} /> : null}
      {domain.data === undefined ? null : (
        <DomainForm key={domain.data.etag} read={domain.data} pinned={pinned} />
      )}
    </section>
  )
}
