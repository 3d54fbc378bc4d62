import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { CertificateFilter } from '@mintmark/registry/registry'
import { certificateSearch } from '@mintmark/registry/search/certificate-search'
import { foldText } from '@mintmark/registry/search-definition'
import type { Statements } from '../database.ts'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable, parseRecord } from './table.ts'

export const clientCertificates = defineTable({
  name: 'client_certificate',
  key: 'id',
  columns: {
    id: (item: ClientCertificate) => item.id,
    alias: (item) => item.alias,
    alias_key: (item) => foldText(item.alias),
    x5t_s256: (item) => item.x5tS256,
  },
  order: ['alias'],
  search: certificateSearch,
})

/** Where client certificates are searched. */
export const certificateSearchTable: SearchTable<ClientCertificate> = {
  name: 'client_certificate',
  definition: certificateSearch,
  order: ['item.alias_key'],
  columns: {
    id: 'lower(item.id)',
    certificateAlias: 'item.alias_key',
    sha256Thumbprint: 'item.x5t_s256',
  },
  required: ['id', 'certificateAlias', 'sha256Thumbprint'],
  related: {},
  indexed: {},
}

/** The filter of the port as columns. */
export const clientCertificatesWhere = (filter: CertificateFilter) => ({
  alias: filter.alias,
  x5t_s256: filter.x5tS256,
})

/** Certificates attached to an application, by alias. */
export const certificatesAttachedTo = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
): Promise<readonly ClientCertificate[]> => {
  const rows = await statements.all(
    `SELECT c.record FROM client_certificate_attachment t
     JOIN client_certificate c ON c.domain_id = t.domain_id AND c.id = t.certificate_id
     WHERE t.domain_id = $1 AND t.application_id = $2 ORDER BY c.alias`,
    [domainId, applicationId],
  )
  return rows.map((row) => parseRecord<ClientCertificate>(row))
}

export interface AttachedApplication {
  readonly id: string
  readonly clientId: string
}

/** Applications a certificate is attached to. */
export const applicationsAttachedTo = async (
  statements: Statements,
  domainId: string,
  certificateId: string,
): Promise<readonly AttachedApplication[]> => {
  const rows = await statements.all(
    `SELECT a.id, a.client_id FROM client_certificate_attachment t
     JOIN application a ON a.domain_id = t.domain_id AND a.id = t.application_id
     WHERE t.domain_id = $1 AND t.certificate_id = $2 ORDER BY a.id`,
    [domainId, certificateId],
  )
  return rows.map((row) => ({ id: row['id'] as string, clientId: row['client_id'] as string }))
}

/** Makes these the certificates of an application, whatever they were before. */
export const replaceAttachments = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
  certificateIds: readonly string[],
): Promise<void> => {
  await statements.run(
    'DELETE FROM client_certificate_attachment WHERE domain_id = $1 AND application_id = $2',
    [domainId, applicationId],
  )
  for (const certificateId of new Set(certificateIds)) {
    await statements.run(
      `INSERT INTO client_certificate_attachment (domain_id, application_id, certificate_id)
       VALUES ($1, $2, $3)`,
      [domainId, applicationId, certificateId],
    )
  }
}

/** Takes a certificate from every application it is attached to. */
export const detachCertificate = async (
  statements: Statements,
  domainId: string,
  certificateId: string,
): Promise<void> => {
  await statements.run(
    'DELETE FROM client_certificate_attachment WHERE domain_id = $1 AND certificate_id = $2',
    [domainId, certificateId],
  )
}
