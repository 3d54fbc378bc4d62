/** A feature of the standards that this server refuses and does not advertise. */
export interface NotOffered {
  /** A test carries it: that the feature is refused, and that no document speaks of it. */
  readonly id: string
  readonly feature: string
  /** Where it is defined, and the rows it would bring. */
  readonly section: string
  /** What somebody who asks for it sees. */
  readonly answer: string
}

const unsupportedGrant = '`unsupported_grant_type`'
const noPath = '404'

export const notOffered: readonly NotOffered[] = [
  {
    id: 'NO-01',
    feature: 'authorization code grant',
    section: 'RFC 6749 §4.1',
    answer: unsupportedGrant,
  },
  { id: 'NO-02', feature: 'implicit grant', section: 'RFC 6749 §4.2', answer: unsupportedGrant },
  { id: 'NO-03', feature: 'password grant', section: 'RFC 6749 §4.3', answer: unsupportedGrant },
  {
    id: 'NO-04',
    feature: 'JWT bearer authorization grant (JG rows)',
    section: 'RFC 7523 §2.1',
    answer: unsupportedGrant,
  },
  {
    id: 'NO-05',
    feature: 'token exchange (TX rows)',
    section: 'RFC 8693',
    answer: unsupportedGrant,
  },
  {
    id: 'NO-06',
    feature: 'rich authorization requests (RR rows)',
    section: 'RFC 9396',
    answer: 'the parameter is unknown and changes nothing',
  },
  {
    id: 'NO-07',
    feature: 'dynamic client registration and its management (DC rows)',
    section: 'RFC 7591, RFC 7592',
    answer: noPath,
  },
  {
    id: 'NO-08',
    feature: 'SPIFFE identities as client authentication (SP rows)',
    section: 'draft-ietf-oauth-spiffe-client-auth',
    answer: '`invalid_request`: an unknown assertion type',
  },
  {
    id: 'NO-09',
    feature: 'attestation-based client authentication (AB rows)',
    section: 'draft-ietf-oauth-attestation-based-client-auth',
    answer: '`invalid_client`',
  },
  {
    id: 'NO-10',
    feature: 'client id metadata documents (CI rows)',
    section: 'draft-ietf-oauth-client-id-metadata-document',
    answer: '`invalid_client`, and nothing is fetched',
  },
  {
    id: 'NO-11',
    feature: 'identity chaining and identity assertion grants (ID rows)',
    section: 'draft-ietf-oauth-identity-chaining',
    answer: unsupportedGrant,
  },
  {
    id: 'NO-12',
    feature: 'transaction tokens, workload identity tokens (TT, WI rows)',
    section: 'draft-ietf-oauth-transaction-tokens, WIMSE drafts',
    answer: unsupportedGrant,
  },
  {
    id: 'NO-13',
    feature: 'several identity domains in one server (TE-22, MD-16)',
    section: 'RFC 8414 §3.1',
    answer: noPath,
  },
  {
    id: 'NO-14',
    feature: 'HTTP/2 (TE-24)',
    section: 'RFC 9113',
    answer: 'TLS negotiates HTTP/1.1; a cleartext preface is closed',
  },
]

/** Standards whose rows arrive together with the feature. */
export const later: readonly (readonly [standard: string, feature: string])[] = [
  ['RFC 8705 §4 (MT-27)', 'public clients with certificates'],
  ['FAPI 2.0 Security Profile', 'all but client credentials, whose rows are above'],
]
