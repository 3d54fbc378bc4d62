import { missing, type RowGroup, tested } from './row.ts'

export const securityPractice: RowGroup = {
  title: 'Security practice and transport (RFC 9700, RFC 9325)',
  rows: [
    tested('SB-01', 'RFC 9700 §2.4', 'M', 'no password grant'),
    tested('SB-02', 'RFC 9700 §2.1.2', 'S', 'no implicit grant'),
    tested('SB-03', 'RFC 9700 §2.2.1', 'S', 'bound tokens can be had and demanded'),
    tested('SB-04', 'RFC 9700 §2.3', 'S', 'one audience, no more than was granted'),
    tested('SB-05', 'RFC 9700 §2.5', 'S', 'clients can do without shared secrets'),
    tested('SB-06', 'RFC 9700 §2.6', 'S', 'metadata is published'),
    tested('SB-07', 'RFC 9700 §4.15', 'M', "a client's token is told from a person's"),
    tested('SB-08', 'RFC 9700 §4.13', 'M', 'forwarded headers count from a trusted proxy only'),
    tested('SB-09', 'RFC 9325 §3.1.1', 'M', 'TLS 1.2 or later'),
    tested('SB-10', 'RFC 9325 §4.2', 'P', 'TLS 1.2 with forward secrecy and AEAD only'),
    tested('SB-11', 'RFC 9325 §3.3', 'S', 'no compression, no renegotiation'),
    tested('SB-12', 'RFC 6797 §7.1', 'C', 'https answers ask to stay on https'),
    missing(
      ['SB-13', 'RFC 9700 §4.10.2', 'S', 'an API refuses a token of another, every time'],
      'the guard, our library for resource servers',
    ),
    tested('SB-14', 'RFC 9700 §4.3.2', 'M', 'no secret in a log or an address'),
    tested('SB-15', 'RFC 7523bis §4', 'M', 'an assertion for another server is worth nothing here'),
    tested('SB-16', 'OWASP', 'S', 'nosniff, and no name of a server'),
  ],
}
