/** One check taken out of the built server, and the test that must notice. */
export interface Mutant {
  /** Row whose test turns red. */
  readonly row: string
  /** What the server no longer does. */
  readonly without: string
  /** Built file, from the root. */
  readonly file: string
  /** Text that is there exactly once, and what takes its place. */
  readonly find: string
  readonly replace: string
  /** Test file in this folder, without its ending. */
  readonly test: string
}

const mutant = (
  row: string,
  without: string,
  [file, find, replace]: readonly [string, string, string],
  test: string,
): Mutant => ({ row, without, file, find, replace, test })

const protocol = (name: string) => `core/protocol/dist/${name}.js`
const decisions = (name: string) => `core/decisions/dist/${name}.js`
const server = (name: string) => `service/server/dist/${name}.js`

const authentication = protocol('rfc6749-client-authentication')
const errorAnswer = protocol('rfc6749-error-response')
const assertion = protocol('rfc7523-client-assertion')
const jwt = protocol('rfc7519-json-web-token')
const receive = server('http/receive')
const proveClient = server('proof/prove-client')
const discovery = server('endpoints/discovery')
const introspection = decisions('afterlife/decide-introspection')
const certificate = server('proof/prove-certificate')
const dpop = protocol('rfc9449-dpop-proof')
const dpopChecks = 'rfc9449-4.3-proof-checks'
const dpopTokens = 'rfc9449-5-token-request'

/** At least one for each section. */
export const mutants: readonly Mutant[] = [
  // RFC 6749 §3.2: the token endpoint
  mutant(
    'TE-08',
    'refusing repeated parameters',
    [receive, 'if (repeated !== null)', 'if (false)'],
    'rfc6749-3.2-parameters',
  ),
  mutant(
    'TE-04',
    'looking at the media type',
    [receive, "if (!formMediaType.test(request.headers['content-type'] ?? '')) {", 'if (false) {'],
    'rfc6749-4.4.2-form-body',
  ),
  // RFC 6749 §2.3: client secrets
  mutant(
    'CA-12',
    'counting the methods of one request',
    [authentication, 'Number(fields.assertion !== undefined) >\n    1;', '0 > 1;'],
    'rfc6749-2.3-one-method',
  ),
  mutant(
    'CA-14',
    'comparing Basic with client_id',
    [
      authentication,
      'if (bodyClientId !== undefined && bodyClientId !== basic.value.clientId) {',
      'if (false) {',
    ],
    'rfc6749-2.3-one-method',
  ),
  mutant(
    'CA-15',
    'counting header fields',
    [receive, 'if (hasRepeatedHeader(request))', 'if (false)'],
    'rfc6749-2.3-one-method',
  ),
  mutant(
    'CA-18',
    'holding clients to their method',
    [proveClient, 'if (methods.length > 0 && !methods.includes(method))', 'if (false)'],
    'rfc6749-2.3.1-client-secret',
  ),
  mutant(
    'CA-24',
    'refusing deactivated clients',
    [proveClient, 'if (!client.application.active)', 'if (false)'],
    'rfc6749-2.3.1-client-secret',
  ),
  // RFC 6749 §3.3, §4.4, §5.1: the grant
  mutant(
    'CC-15',
    'asking whether a scope was granted',
    [decisions('token/granted-access'), 'return policyReaches(snapshot, server);', 'return true;'],
    'rfc6749-3.3-scope',
  ),
  mutant(
    'CC-16',
    'asking whether the grant type is allowed',
    [
      decisions('token/decide-token-request'),
      "return allowed ? ok(null) : refuse('GRANT_TYPE_NOT_ALLOWED');",
      'return ok(null);',
    ],
    'rfc6749-4.4-client-credentials',
  ),
  // RFC 6749 §5.2: errors
  mutant(
    'ER-03',
    'challenging on 401',
    [errorAnswer, 'if (status === 401) {', 'if (false) {'],
    'rfc6749-5.2-error-answer',
  ),
  mutant(
    'ER-04',
    'keeping error texts to their alphabet',
    [errorAnswer, ".replaceAll(/[^\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]/gu, '?')", ''],
    'rfc6749-5.2-error-answer',
  ),
  // RFC 7009: revocation
  mutant(
    'RV-05',
    'asking whose token it is',
    [
      decisions('afterlife/decide-revocation'),
      'if (token.clientId !== caller.clientId)',
      'if (false)',
    ],
    'rfc7009-2-revocation',
  ),
  // RFC 7662: introspection
  mutant(
    'IN-08',
    'asking for whom a token is',
    [introspection, 'if (!isForCaller(token, caller))', 'if (false)'],
    'rfc7662-2-introspection',
  ),
  mutant(
    'IN-06',
    'looking at revocations',
    [introspection, 'if (input.revoked)', 'if (false)'],
    'rfc7662-2-introspection',
  ),
  // RFC 7523: client assertions
  mutant(
    'JA-05',
    'looking at iss',
    [assertion, "if (claims['iss'] !== clientId)", 'if (false)'],
    'rfc7523-3-assertion-claims',
  ),
  mutant(
    'JA-08',
    'looking at aud',
    [assertion, "if (!isAudienceOurs(claims['aud'], check.audience))", 'if (false)'],
    'rfc7523-3-assertion-claims',
  ),
  mutant(
    'JA-12',
    'looking at exp',
    [assertion, 'if (expiresAt + skewSeconds <= nowSeconds) {', 'if (false) {'],
    'rfc7523-3-assertion-claims',
  ),
  mutant(
    'JA-16',
    'remembering what was used',
    [server('http/ledger-entry'), 'once, clientId, sequence }', 'once: [], clientId, sequence }'],
    'rfc7523-3-assertion-once',
  ),
  // RFC 8705: certificates
  mutant(
    'MT-05',
    'comparing the registered name',
    [certificate, 'if (!matchCertificateSubject(matcher, leaf.names)) {', 'if (false) {'],
    'rfc8705-2.1.2-certificate-subject',
  ),
  mutant(
    'MT-13',
    'comparing the registered certificate',
    [certificate, 'if (!registeredX5tS256.includes(certificate.x5tS256))', 'if (false)'],
    'rfc8705-2-client-certificate',
  ),
  mutant(
    'MT-23',
    'asking who forwards a certificate',
    [receive, "if (!proxies.trusts(socket.remoteAddress ?? ''))", 'if (false)'],
    'rfc8705-2-client-certificate',
  ),
  // RFC 9449, RFC 8705 §3: bound tokens
  mutant(
    'DP-06',
    'looking at the type of a proof',
    [dpop, "if (!mediaTypeEquals(header['typ'], 'dpop+jwt')) {", 'if (false) {'],
    dpopChecks,
  ),
  mutant(
    'DP-08',
    'checking the signature of a proof',
    [
      server('proof/prove-dpop'),
      'if (!isSignedBy(key, algorithm, data, proof.signature))',
      'if (false)',
    ],
    dpopChecks,
  ),
  mutant(
    'DP-09',
    'refusing private keys in a proof',
    [dpop, 'if (privateMembers.some((name) => name in members))', 'if (false)'],
    dpopChecks,
  ),
  mutant(
    'DP-10',
    'comparing htm',
    [dpop, 'if (proof.method !== request.method) {', 'if (false) {'],
    dpopChecks,
  ),
  mutant(
    'DP-11',
    'comparing htu',
    [dpop, 'if (!request.urls.includes(proof.url)) {', 'if (false) {'],
    dpopChecks,
  ),
  mutant(
    'DP-13',
    'looking at the age of a proof',
    [dpop, 'if (!isOfNow(proof, request.nowSeconds)) {', 'if (false) {'],
    dpopChecks,
  ),
  mutant(
    'DP-33',
    'measuring the keys of proofs',
    [server('proof/prove-dpop'), 'if (!fitsAlgorithm(key, algorithm))', 'if (false)'],
    dpopChecks,
  ),
  mutant(
    'DP-15',
    'claiming proofs on the ledger',
    [server('http/ledger-entry'), 'outcome.once !== undefined', 'false'],
    'rfc9449-11.1-proof-once',
  ),
  mutant(
    'DP-17',
    'comparing nonces',
    [
      dpop,
      "if (request.nonces !== null && !request.nonces.includes(proof.nonce ?? '')) {",
      'if (false) {',
    ],
    'rfc9449-8-nonce',
  ),
  mutant(
    'DP-21',
    'demanding a proof where tokens are bound',
    [
      decisions('token/decide-sender-binding'),
      "if (keyThumbprint === null && isRequired(snapshot, target, 'dpopBoundTokens')) {",
      'if (false) {',
    ],
    dpopTokens,
  ),
  mutant(
    'DP-34',
    'naming the key in the token',
    [
      decisions('token/decide-claims'),
      '...(keyThumbprint !== null && { jkt: keyThumbprint }),',
      '',
    ],
    dpopTokens,
  ),
  mutant(
    'IN-17',
    'telling bound tokens apart',
    [decisions('afterlife/decide-introspection'), "return 'DPoP';", ''],
    dpopTokens,
  ),
  mutant(
    'DP-24',
    'asking senders for the token in the proof',
    [
      dpop,
      'if (request.tokenDigest !== null && proof.tokenDigest !== request.tokenDigest) {',
      'if (false) {',
    ],
    'rfc9449-7-administration',
  ),
  mutant(
    'DP-27',
    'refusing bound tokens as bearer tokens',
    [
      server('proof/prove-sender'),
      "return shown.scheme === 'dpop' &&",
      "return shown.scheme === 'bearer' ||",
    ],
    'rfc9449-7-administration',
  ),
  mutant(
    'MT-15',
    'naming the certificate in the token',
    [
      decisions('token/decide-claims'),
      "'x5t#S256': certificateThumbprint",
      'x5t: certificateThumbprint',
    ],
    'rfc8705-3-bound-token',
  ),
  mutant(
    'MT-17',
    'comparing certificates at our own APIs',
    [
      server('proof/prove-sender'),
      'if (x5t !== undefined && !showsCertificate(x5t, shown.request, services))',
      'if (false)',
    ],
    'rfc9449-7-administration',
  ),
  // RFC 8414: metadata
  mutant(
    'MD-12',
    'comparing the tag',
    [discovery, "if (names(request.headers['if-none-match'], tag))", 'if (false)'],
    'rfc8414-server-metadata',
  ),
  mutant(
    'MD-20',
    'waiting before a new key signs',
    [
      decisions('upkeep/decide-key-rotation'),
      'nowMs - published.stateSinceMs >= policy.publishLeadMs',
      'true',
    ],
    'rfc7517-5-key-rotation',
  ),
  // RFC 8707: targets
  mutant(
    'RI-06',
    'refusing several targets',
    [
      decisions('token/decide-target'),
      'if (rest.some((each) => snapshot.catalog.byAudience.get(each) !== server)) {',
      'if (false) {',
    ],
    'rfc8707-resource-indicator',
  ),
  // RFC 9068: access tokens
  mutant(
    'AT-01',
    'saying what kind of JWT it is',
    [server('signing/signing-keys'), "typ: 'at+jwt'", "typ: 'JWT'"],
    'rfc9068-2-access-token',
  ),
  // RFC 9700, RFC 9325: practice and transport
  mutant(
    'SB-03',
    'demanding a certificate where tokens are bound',
    [
      decisions('token/decide-sender-binding'),
      'if (toCertificate && certificateThumbprint === null) {',
      'if (false) {',
    ],
    'rfc9700-security-practice',
  ),
  mutant(
    'SB-11',
    'refusing renegotiation',
    [server('http/tls-door'), 'secureOptions: constants.SSL_OP_NO_RENEGOTIATION,', ''],
    'rfc9325-transport-security',
  ),
  // RFC 7515, RFC 8725: JWTs
  mutant(
    'JW-03',
    'refusing crit',
    [jwt, "if ('crit' in header.value || 'b64' in header.value)", 'if (false)'],
    'rfc7515-json-web-signature',
  ),
  mutant(
    'JW-06',
    'refusing names that come twice',
    [protocol('rfc8259-strict-json'), "throw new JsonRefusal('DUPLICATE_NAME');", ';'],
    'rfc7515-json-web-signature',
  ),
  mutant(
    'JW-02',
    'holding keys to their algorithm',
    [
      server('proof/assertion-keys'),
      '(jwk.alg === undefined || clientAssertionAlgorithms.get(jwk.alg) === algorithm)',
      'true',
    ],
    'rfc8725-keys',
  ),
  mutant(
    'JW-19',
    'looking at the kind of an assertion',
    [assertion, "if (!isTypeAccepted(header['typ']))", 'if (false)'],
    'rfc8725-3.12-kinds-of-jwt',
  ),
]
