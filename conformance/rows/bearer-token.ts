import { missing, type RowGroup, tested } from './row.ts'

export const bearerToken: RowGroup = {
  title: 'Bearer tokens at an API behind the guard (RFC 6750)',
  rows: [
    tested('BT-01', 'RFC 6750 §2.1', 'M', 'a token in the header is accepted'),
    tested('BT-02', 'RFC 9110 §11.1', 'M', 'the scheme has no case'),
    tested('BT-03', 'RFC 9700 §4.3.2', 'S', 'a token in the query is not read'),
    tested('BT-04', 'RFC 6750 §2.2', 'Y', 'a token in the body is not read'),
    missing(
      ['BT-05', 'RFC 6750 §2', 'M', 'one place a request'],
      'a second place: bodies and queries are never looked at',
    ),
    tested('BT-06', 'RFC 6750 §3.1', 'S', 'no token: a challenge without an error'),
    tested('BT-07', 'RFC 6750 §3', 'M', 'a challenge has a parameter'),
    tested('BT-08', 'RFC 6750 §3.1', 'S', 'a wrong token is invalid_token'),
    tested('BT-09', 'RFC 6750 §3.1', 'S', 'a missing scope is insufficient_scope, and named'),
    tested('BT-10', 'RFC 6750 §3.1', 'S', 'a field that is no token is invalid_request'),
    tested('BT-11', 'RFC 6750 §3', 'M', 'every parameter once, in its characters'),
    tested('BT-12', 'RFC 9728 §5.1', 'Y', 'the challenge leads to the metadata'),
    tested('BT-13', 'RFC 9110 §5.3', 'M', 'two Authorization fields are invalid_request'),
    tested('BT-14', 'RFC 6750 §5.3', 'M', 'tokens that live too long can be refused'),
  ],
}
