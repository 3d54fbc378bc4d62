import { type RowGroup, tested } from './row.ts'

export const clientCredentialsGrant: RowGroup = {
  title: 'Client credentials grant and its answer (RFC 6749 §3.3, §4.4, §5.1)',
  rows: [
    tested('CC-01', 'RFC 6749 §4.4.2', 'M', 'the shortest request works'),
    tested('CC-02', 'RFC 6749 §5.1', 'M', 'answers are not stored: Cache-Control and Pragma'),
    tested('CC-03', 'RFC 6749 §5.1', 'M', 'one flat JSON object, numbers as numbers'),
    tested('CC-04', 'RFC 6749 §7.1', 'M', 'token_type is there'),
    tested('CC-05', 'RFC 6749 §5.1', 'S', 'expires_in is true'),
    tested('CC-06', 'RFC 6749 §4.4.3', 'S', 'never a refresh token'),
    tested('CC-07', 'OIDC Core', 'S', 'never an ID token'),
    tested('CC-08', 'RFC 6749 §5.1', 'M', 'scope is answered when it differs'),
    tested('CC-09', 'RFC 6749 §3.3', 'M', 'scope left out: the same default every time'),
    tested('CC-10', 'RFC 6749 App. A.4', 'M', 'scope has its alphabet'),
    tested('CC-11', 'RFC 6749 §3.3', 'C', 'spaces too many have one answer'),
    tested('CC-12', 'RFC 6749 §3.3', 'M', 'order and repetition of scopes mean nothing'),
    tested('CC-13', 'RFC 6749 §3.3', 'M', 'scopes have their case'),
    tested('CC-14', 'RFC 6749 §5.2', 'C', 'an unknown scope is refused, not dropped'),
    tested('CC-15', 'RFC 6749 §5.2', 'M', 'a scope beyond the grant gives nothing'),
    tested('CC-16', 'RFC 6749 §5.2', 'M', 'a client without the grant type: unauthorized_client'),
    tested('CC-17', 'RFC 6749 §5.2', 'M', 'other grant types: unsupported_grant_type'),
    tested('CC-18', 'RFC 6749 §10.10', 'M', 'tokens cannot be guessed'),
    tested('CC-19', 'RFC 6750 §2.1', 'M', 'tokens fit a header'),
    tested('CC-20', 'RFC 6749 §5.1', 'S', 'the largest token is within the stated size'),
    tested('CC-21', 'Oracle', 'C', 'audience and scope in one string; my-scopes'),
    tested('CC-22', 'RFC 9110 §9.2.2', 'C', 'two equal requests, two tokens'),
  ],
}
