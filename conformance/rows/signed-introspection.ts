import { missing, type RowGroup, tested } from './row.ts'

export const signedIntrospection: RowGroup = {
  title: 'Signed introspection answers (RFC 9701)',
  rows: [
    tested('JI-01', 'RFC 9701 §4', 'M', 'only to whoever asks for one'),
    tested('JI-02', 'RFC 9701 §5', 'M', 'the type says what it is'),
    tested(
      'JI-03',
      'RFC 9701 §5',
      'M',
      'from the issuer, to the caller, with the plain answer inside',
    ),
    tested('JI-04', 'RFC 9701 §5', 'S', 'no sub and no exp beside it'),
    tested('JI-05', 'RFC 9701 §5', 'M', 'inactive says nothing else'),
    tested('JI-06', 'RFC 9701 §5', 'M', 'only to callers that have proven who they are'),
    missing(
      ['JI-07', 'RFC 9701 §6', 'Y', 'algorithms and encryption as the caller has registered'],
      'registration of algorithms for introspection answers; RS256 is used',
    ),
    tested('JI-08', 'RFC 9701 §7', 'S', 'the metadata names the algorithm'),
    tested('JI-09', 'RFC 9701 §8.1', 'M', 'is no access token and no assertion'),
  ],
}
