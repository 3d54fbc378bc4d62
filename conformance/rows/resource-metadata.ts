import { missing, type RowGroup, tested } from './row.ts'

export const resourceMetadata: RowGroup = {
  title: 'Metadata of an API behind the guard (RFC 9728)',
  rows: [
    tested('PR-01', 'RFC 9728 §3', 'M', 'the well-known name between host and path'),
    tested('PR-02', 'RFC 9728 §2', 'M', 'resource is the identifier, letter by letter'),
    tested('PR-03', 'RFC 9728 §2', 'Y', 'it names the issuer, scopes and the header'),
    tested('PR-04', 'RFC 9728 §2', 'Y', 'what it says of sender-constrained tokens is true'),
    tested('PR-05', 'RFC 9728 §3.2', 'M', 'JSON, and no empty lists'),
    tested('PR-07', 'RFC 9728 §5.1', 'Y', 'a challenge names it'),
    missing(
      ['PR-08', 'RFC 9728 §4', 'Y', 'the issuer lists its APIs'],
      'protected_resources in the metadata of the server',
    ),
    missing(['PR-09', 'RFC 9728 §2.2', 'Y', 'it can be signed'], 'signed_metadata'),
  ],
}
