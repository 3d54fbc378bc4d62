import { missing, type RowGroup, tested } from './row.ts'

const fapi = 'the FAPI 2.0 profile'

export const clientAssertion: RowGroup = {
  title: 'Client assertions: private_key_jwt, client_secret_jwt (RFC 7521, RFC 7523)',
  rows: [
    tested('JA-01', 'RFC 7523 §2.2', 'M', 'an assertion alone is enough'),
    tested('JA-02', 'RFC 7521 §4.2', 'M', 'client_id beside it names the same client'),
    tested('JA-03', 'RFC 7521 §4.2', 'M', 'the assertion type is there and known'),
    tested('JA-04', 'RFC 7521 §4.2', 'M', 'a type without an assertion is refused'),
    tested('JA-05', 'RFC 7523 §3', 'M', 'iss is the client'),
    tested('JA-06', 'RFC 7523 §3', 'M', 'sub is the client'),
    tested('JA-07', 'RFC 7523 §3', 'M', 'aud is there and ours'),
    tested('JA-08', 'RFC 7523bis §4', 'M', 'aud is the issuer and nothing else'),
    missing(['JA-09', 'FAPI 2.0 §5.3.2.1', 'P', 'aud is a string'], fapi),
    tested('JA-10', 'RFC 7523bis §4', 'M', 'aud is compared as it stands'),
    tested('JA-11', 'RFC 7523bis §4', 'C', 'typ is absent or fits'),
    tested('JA-12', 'RFC 7523 §3', 'M', 'exp is there and in the future'),
    tested('JA-13', 'RFC 7523 §3', 'Y', 'exp is not far away'),
    tested('JA-14', 'FAPI 2.0 §5.3.2.1', 'P', 'clocks may differ by seconds, not by a minute'),
    tested('JA-15', 'RFC 7523 §3', 'M', 'nbf counts; an old iat may be refused'),
    tested('JA-16', 'RFC 7523 §3', 'Y', 'a jti is used once, everywhere'),
    tested('JA-17', 'RFC 7523 §3', 'M', 'every bit is signed'),
    tested('JA-18', 'RFC 8725 §3.1', 'M', 'RS256 works; the registered algorithm is the only one'),
    missing(['JA-19', 'FAPI 2.0 §5.4.1', 'P', 'no RS256 in the profile'], fapi),
    tested('JA-20', 'OIDC Core §9', 'Y', 'client_secret_jwt, apart from private_key_jwt'),
    tested('JA-21', 'RFC 7517 §4.5', 'S', 'the key is chosen by kid, then by fit'),
    tested('JA-22', 'RFC 7591 §2', 'M', 'keys behind a jwks_uri may rotate'),
    tested('JA-23', 'RFC 6749 §3.2', 'M', 'one assertion a request'),
    tested('JA-24', 'RFC 8725 §3.12', 'M', 'a JWT of another kind is no assertion'),
    tested('JA-25', 'RFC 7523 §2.2', 'S', 'the same rule at introspection and revocation'),
    tested('JA-26', 'RFC 7521 §4.2.1', 'M', 'the error is invalid_client'),
    tested('JA-27', 'RFC 7523 §3', 'M', 'unknown claims change nothing'),
    tested('JA-28', 'RFC 7519 §5.2', 'Y', 'encrypted assertions are refused'),
    tested('JA-29', 'RFC 7515 §4.1.7', 'Y', 'a thumbprint chooses the certificate'),
  ],
}
