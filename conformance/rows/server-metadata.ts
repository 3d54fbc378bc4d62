import { missing, type RowGroup, tested } from './row.ts'

export const serverMetadata: RowGroup = {
  title: 'Metadata and keys (RFC 8414, RFC 7517)',
  rows: [
    tested('MD-01', 'RFC 8414 §3.2', 'M', 'a JSON object'),
    tested('MD-02', 'RFC 8414 §3.3', 'M', 'the issuer is the configured one'),
    tested('MD-03', 'RFC 8414 §3.1', 'M', 'an issuer with a path has its document there'),
    tested('MD-04', 'RFC 8414 §2', 'M', 'the token endpoint is absolute'),
    tested('MD-05', 'RFC 8414 §2', 'C', 'no response types without an authorization endpoint'),
    tested('MD-06', 'RFC 8414 §2', 'M', 'grant types are spelt out'),
    tested('MD-07', 'RFC 8414 §2', 'M', 'every listed method works, no other does'),
    tested('MD-08', 'RFC 8414 §2', 'M', 'assertion algorithms are listed, never none'),
    tested('MD-09', 'RFC 8414 §2', 'S', 'introspection and revocation with their methods'),
    tested('MD-10', 'RFC 8414 §3.2', 'M', 'no empty lists'),
    tested('MD-11', 'RFC 7517 §4', 'M', 'public keys only, each with its own kid'),
    tested('MD-12', 'RFC 9111 §4', 'S', 'documents can be cached and asked about'),
    missing(['MD-13', 'RFC 8414 §2.1', 'Y', 'signed metadata'], 'signed metadata'),
    tested('MD-14', 'RFC 8414 §3', 'M', 'the documents agree with each other'),
    tested('MD-15', 'RFC 8414 §2', 'P', 'members have their types'),
    missing(
      ['MD-16', 'RFC 8414 §3.1', 'M', 'an unknown domain has no document'],
      'several identity domains in one server',
    ),
    tested('MD-17', 'RFC 9700 §2.6', 'Y', 'any origin may read metadata and keys, nothing else'),
    tested('MD-18', 'RFC 8414 §2', 'S', 'listed scopes are scopes'),
    tested('MD-19', 'RFC 8414 §5', 'M', 'clients compare the issuer as it stands'),
    tested('MD-20', 'RFC 7517 §5', 'C', 'a key is published before it signs, and while it counts'),
  ],
}
