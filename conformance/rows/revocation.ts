import { type RowGroup, tested } from './row.ts'

export const revocation: RowGroup = {
  title: 'Revocation (RFC 7009)',
  rows: [
    tested('RV-01', 'RFC 7009 §2.1', 'M', 'a form posted, with a token'),
    tested('RV-02', 'RFC 7009 §2.1', 'M', 'clients prove themselves as for a token'),
    tested('RV-03', 'RFC 7009 §2', 'M', 'an own token ends at once'),
    tested('RV-04', 'RFC 7009 §2.2', 'M', 'a token that is none is a success'),
    tested('RV-05', 'RFC 7009 §2.1', 'M', "another client's token stays alive"),
    tested('RV-06', 'RFC 7009 §2.1', 'M', 'a wrong hint stops nothing'),
    tested('RV-07', 'RFC 7009 §2.2', 'M', 'an unknown hint stops nothing'),
    tested('RV-08', 'RFC 7009 §2.2.1', 'Y', 'a JWT can be revoked like any token'),
    tested('RV-09', 'RFC 7009 §2.2.1', 'M', '503 means: still alive'),
    tested('RV-10', 'RFC 7009 §2', 'M', 'ended everywhere, and after a restart'),
    tested('RV-11', 'RFC 6749 §3.2', 'M', 'token comes once'),
    tested('RV-12', 'RFC 7009 §2.3', 'Y', 'no JSONP'),
    tested('RV-13', 'RFC 8414 §2', 'S', 'metadata says what is so'),
    tested('RV-14', 'RFC 7009 §5', 'S', 'guessing tokens is slowed down'),
  ],
}
