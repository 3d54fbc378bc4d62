import { Anchor, Badge, Button, Table, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconClock } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ConfirmByName } from '../parts/confirm-by-name.tsx'
import { Moment } from '../parts/moment.tsx'
import { TableCard } from '../parts/table-card.tsx'
import {
  type CertificateKind,
  type CertificateRecord,
  type Certificates,
  removeCertificate,
  validityOf,
} from './certificates.ts'

const badges = {
  'not yet': { color: 'blue', icon: IconClock, label: 'Not valid yet' },
  valid: { color: 'teal', icon: IconCircleCheck, label: 'Valid' },
  'ends soon': { color: 'yellow', icon: IconAlertTriangle, label: 'Expires soon' },
  expired: { color: 'red', icon: IconAlertTriangle, label: 'Expired' },
} as const

const ValidityBadge = ({ certificate }: { readonly certificate: CertificateRecord }) => {
  const { color, icon: BadgeIcon, label } = badges[validityOf(certificate, Date.now())]
  return (
    <Badge color={color} variant="light" leftSection={<BadgeIcon size={14} />}>
      {label}
    </Badge>
  )
}

const UsedBy = ({ users }: { readonly users: readonly { id: string; displayName: string }[] }) =>
  users.length === 0 ? (
    <Text size="sm" c="dimmed">
      nobody
    </Text>
  ) : (
    users.map(({ id, displayName }) => (
      <div key={id}>
        <Anchor component={Link} href={`/applications/${id}`} size="sm" className="breakable">
          {displayName}
        </Anchor>
      </div>
    ))
  )

const consequences = {
  OAuthClientCertificate: 'Assertions and connections that are proven by it are refused then.',
  OAuthPartnerCertificate:
    'Client certificates that only this authority vouches for are refused then, and the tokens ' +
    'that are bound to them cannot be renewed.',
}

/** What there is, how long it lasts, who needs it. */
export const CertificateTable = ({
  kind,
  certificates,
  users,
}: Pick<Certificates, 'certificates' | 'users'> & { readonly kind: CertificateKind }) => {
  const queries = useQueryClient()
  const [removing, setRemoving] = useState<CertificateRecord | null>(null)
  const hasUsers = kind === 'OAuthClientCertificate'
  const remove = async (id: string): Promise<void> => {
    await removeCertificate(kind, id)
    await queries.invalidateQueries({ queryKey: ['certificates'] })
    setRemoving(null)
  }
  return (
    <>
      <TableCard label={hasUsers ? 'Client certificates' : 'Trusted authorities'}>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Alias</Table.Th>
              <Table.Th>Validity</Table.Th>
              <Table.Th>Expires</Table.Th>
              {hasUsers ? <Table.Th>Used by</Table.Th> : null}
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {certificates.map((certificate) => (
              <Table.Tr key={certificate.id}>
                <Table.Td className="breakable">
                  <strong>{certificate.certificateAlias}</strong>
                  <Text size="xs" c="dimmed" ff="monospace" title="SHA-256 thumbprint">
                    {certificate.sha256Thumbprint}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <ValidityBadge certificate={certificate} />
                </Table.Td>
                <Table.Td>
                  <Moment at={certificate.certEndDate} />
                </Table.Td>
                {hasUsers ? (
                  <Table.Td>
                    <UsedBy users={users.get(certificate.certificateAlias) ?? []} />
                  </Table.Td>
                ) : null}
                <Table.Td ta="right">
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    color="red"
                    aria-label={`Remove ${certificate.certificateAlias}`}
                    onClick={() => setRemoving(certificate)}
                  >
                    Remove
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableCard>
      {removing === null ? null : (
        <ConfirmByName
          title="Remove certificate"
          name={removing.certificateAlias}
          act={() => remove(removing.id)}
          onClose={() => setRemoving(null)}
        >
          <Text size="sm" mb="md">
            {consequences[kind]}
          </Text>
        </ConfirmByName>
      )}
    </>
  )
}
