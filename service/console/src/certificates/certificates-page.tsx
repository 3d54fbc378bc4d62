import { Button, Group, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { AddCertificate } from './add-certificate.tsx'
import { CertificateTable } from './certificate-table.tsx'
import { type CertificateKind, readCertificates } from './certificates.ts'

const sections = [
  {
    kind: 'OAuthClientCertificate',
    title: 'Client certificates',
    lead: 'With them clients prove who they are: by an assertion that the key signed, or over TLS.',
    empty: 'There is none yet. An application names those that it uses by their alias.',
    add: 'Import client certificate',
  },
  {
    kind: 'OAuthPartnerCertificate',
    title: 'Trusted authorities',
    lead: 'Who may vouch for the certificates of clients that name only their subject.',
    empty: 'There is none yet. The client authorities of the server settings are trusted as well.',
    add: 'Import trusted authority',
  },
] as const

const Section = ({
  kind,
  title,
  lead,
  empty,
  add,
}: {
  readonly kind: CertificateKind
  readonly title: string
  readonly lead: string
  readonly empty: string
  readonly add: string
}) => {
  const [adding, dialog] = useDisclosure(false)
  const found = useQuery({
    queryKey: ['certificates', kind],
    queryFn: () => readCertificates(kind),
  })
  return (
    <section aria-label={title} className="part">
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        </div>
        <Button variant="light" leftSection={<IconPlus size={16} />} onClick={dialog.open}>
          {add}
        </Button>
      </Group>
      {found.isPending ? <Loading height={120} /> : null}
      {found.isError ? <FaultNotice fault={found.error} retry={() => found.refetch()} /> : null}
      {found.data === undefined ? null : found.data.certificates.length === 0 ? (
        <Text role="status">{empty}</Text>
      ) : (
        <CertificateTable kind={kind} {...found.data} />
      )}
      {found.data !== undefined && found.data.total > found.data.certificates.length ? (
        <Text size="sm" mt="xs">
          The first {found.data.certificates.length} of {found.data.total}.
        </Text>
      ) : null}
      {adding ? <AddCertificate kind={kind} title={add} onClose={dialog.close} /> : null}
    </section>
  )
}

/** Certificates of clients, and who may vouch for them. */
export const CertificatesPage = () => (
  <>
    <PageHead title="Certificates" lead="What clients are known by, without any secret." />
    {sections.map((section) => (
      <Section key={section.kind} {...section} />
    ))}
  </>
)
