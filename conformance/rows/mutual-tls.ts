import { missing, type RowGroup, tested } from './row.ts'

export const mutualTls: RowGroup = {
  title: 'Client authentication with a certificate (RFC 8705, RFC 9440, RFC 5280)',
  rows: [
    tested('MT-01', 'RFC 8705 §2', 'M', 'a certificate is proven in the handshake'),
    tested('MT-02', 'RFC 8705 §2', 'M', 'client_id is sent'),
    tested('MT-03', 'RFC 8705 §2', 'M', "none, or another's, is invalid_client"),
    tested('MT-04', 'RFC 8705 §2.1.2', 'M', 'exactly one name is registered'),
    tested('MT-05', 'RFC 8705 §2.1.2', 'M', 'subjects are compared as names, not as text'),
    tested('MT-06', 'RFC 8705 §2.1.2', 'M', 'a DNS name matches whole, in any case'),
    tested('MT-07', 'RFC 8705 §2.1.2', 'M', 'a URI matches exactly'),
    tested('MT-08', 'RFC 8705 §2.1.2', 'M', 'an address matches in binary'),
    tested('MT-09', 'RFC 5280 §7.5', 'M', 'a mail address: host in any case, the rest exact'),
    tested('MT-10', 'RFC 8705 §7.5', 'M', 'the chain is good to its anchor'),
    tested('MT-11', 'RFC 8705 §7.4', 'S', 'an anchor counts for whom it is configured'),
    missing(
      ['MT-12', 'RFC 8705 §2.1', 'Y', 'revoked certificates are refused'],
      'revocation lists and OCSP for client certificates',
    ),
    tested('MT-13', 'RFC 8705 §2.2', 'M', 'self-signed: the registered certificate itself'),
    tested('MT-14', 'RFC 8705 §2.2.2', 'M', 'self-signed certificates come with the keys'),
    tested(
      'MT-21',
      'RFC 8705 §5',
      'Y',
      'aliases ask for a certificate, the plain address does not',
    ),
    tested('MT-22', 'RFC 8705 §5', 'C', 'an alias does not change who we are'),
    tested(
      'MT-23',
      'RFC 8705 §6.5',
      'M',
      'a certificate in a header counts from a trusted proxy only',
    ),
    tested('MT-24', 'RFC 9440 §2', 'S', 'the header is read strictly'),
    tested('MT-25', 'RFC 8446 §2.2', 'C', 'a resumed session keeps its identity'),
    tested('MT-26', 'RFC 8705 §6.3', 'C', 'a renewed certificate with the same name works'),
  ],
}
