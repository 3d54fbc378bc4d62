import { type RowGroup, tested } from './row.ts'

export const jwtAccessToken: RowGroup = {
  title: 'JWT access tokens (RFC 9068)',
  rows: [
    tested('AT-01', 'RFC 9068 §2.1', 'M', 'signed, with its own typ'),
    tested('AT-02', 'RFC 9068 §2.1', 'M', 'RS256 can be had'),
    tested('AT-03', 'RFC 9068 §2.2', 'M', 'the seven required claims'),
    tested('AT-04', 'RFC 9068 §2.2', 'S', 'sub is the client'),
    tested('AT-05', 'RFC 9068 §2.2.3', 'S', 'scope says what was granted'),
    tested('AT-06', 'RFC 9068 §2.2.3.1', 'S', 'app roles in their SCIM shape'),
    tested('AT-07', 'RFC 9068 §3', 'M', 'aud is always there'),
    tested('AT-08', 'RFC 9068 §3', 'S', 'scopes of two APIs do not mix'),
    tested('AT-09', 'RFC 9068 §3', 'M', 'no scope that could mean two things'),
    tested('AT-10', 'RFC 9068 §4', 'M', 'an API looks at typ'),
    tested('AT-11', 'RFC 9068 §4', 'M', 'an API looks at iss, aud, signature, exp'),
    tested('AT-12', 'RFC 9068 §4', 'M', 'an API takes keys from us alone'),
    tested('AT-13', 'RFC 9068 §5', 'S', 'nobody can choose the sub of another'),
    tested('AT-14', 'RFC 9068 §5', 'M', 'no two APIs share an audience'),
    tested('AT-15', 'RFC 9068 §6', 'S', 'nothing about people'),
    tested('AT-16', 'RFC 7519 §4.1', 'M', 'times are whole seconds'),
    tested('AT-17', 'RFC 8725 §3.11', 'M', 'nothing else we sign is an access token'),
    tested('AT-18', 'RFC 9068 §4', 'S', 'an API survives a change of keys'),
  ],
}
