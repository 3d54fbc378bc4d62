import { missing, type RowGroup, tested } from './row.ts'

export const introspection: RowGroup = {
  title: 'Introspection (RFC 7662)',
  rows: [
    tested('IN-01', 'RFC 7662 §2.1', 'M', 'a form posted, with one token'),
    tested('IN-02', 'RFC 7662 §2.1', 'M', 'strangers learn nothing'),
    missing(
      ['IN-03', 'RFC 7662 §2.1', 'Y', 'a caller may show a bearer token'],
      'bearer tokens as credentials at the introspection endpoint',
    ),
    tested('IN-04', 'RFC 7662 §2.2', 'M', 'active is a boolean, always there'),
    tested('IN-05', 'RFC 7662 §2.2', 'Y', 'the other members have their types and are true'),
    tested('IN-06', 'RFC 7662 §2.2', 'M', 'whatever is not alive is inactive'),
    tested('IN-07', 'RFC 7662 §2.2', 'S', 'inactive gives no reason'),
    tested('IN-08', 'RFC 7662 §4', 'M', "another API's token is inactive"),
    tested('IN-09', 'RFC 7662 §4', 'M', 'every state is looked at: client, API, keys'),
    tested('IN-10', 'RFC 7662 §2.1', 'M', 'hints change nothing'),
    tested('IN-11', 'RFC 7662 §4', 'Y', 'no GET'),
    tested('IN-12', 'RFC 7662 §4', 'S', 'answers are not stored'),
    tested('IN-13', 'RFC 7662 §2.2', 'C', 'a plain client learns only what it is allowed to'),
    tested('IN-14', 'RFC 7662 §2.2', 'M', 'what is no access token is inactive'),
    tested('IN-15', 'RFC 7662 §5', 'S', "scope and aud are cut to the caller's own"),
    tested('IN-16', 'RFC 8705 §3.2', 'M', 'the bound certificate is shown'),
    tested('IN-17', 'RFC 9449 §6.2', 'M', 'the bound key is shown'),
    missing(
      ['IN-18', 'RFC 9396 §9.2', 'M', 'granted details are shown'],
      'rich authorization requests',
    ),
    tested(
      'IN-19',
      'RFC 7662 §2.2',
      'Y',
      'members of the identity domain beside the standard ones',
    ),
    tested('IN-20', 'RFC 7662 §4', 'S', 'scanning tokens is slowed down'),
  ],
}
