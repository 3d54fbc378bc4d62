/** One test that passes here and fails there. */
export interface Difference {
  readonly name: string
  readonly ids: readonly string[]
  /** What the test asks for, where it can be said in a word. */
  readonly ours: string
  readonly theirs: string
}

const oneAnswer =
  'It tells a request it cannot read from one it cannot believe. We answer both alike, with 401 ' +
  'and a challenge: RFC 6749 §5.2 names missing and unsupported authentication invalid_client.'
const noRoute =
  'A path and a method that do not meet are an unknown path there. RFC 9110 §15.5.6 has a ' +
  'status for it.'
const unknownParameters =
  'Only parameters that it reads count as known there. We also refuse those that other grants ' +
  'and endpoints read, so that nothing in front of us can pick the other value.'
const droppedScope =
  'Scopes it does not know are dropped in silence. RFC 6749 §3.3 allows that when the answer ' +
  'says so; a client that asks for something it cannot have should hear it.'
const noChallenge =
  'It challenges only clients that used the header. RFC 9110 §15.5.2 wants a challenge in each ' +
  'answer with 401.'
const otherPage = 'Unknown paths are answered with plain text there; ours are JSON, for machines.'

/** Why the two differ, by the name of the test. */
export const reasons: ReadonlyMap<string, string> = new Map([
  ['TE-01 GET with right credentials gets no token', noRoute],
  ...['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map(
    (method) => [`TE-02 ${method} is refused and told what is allowed`, noRoute] as const,
  ),
  ['TE-02 TRACE is refused and echoes nothing', noRoute],
  [
    'TE-04 a body that is no UTF-8, holds NUL or breaks an escape is refused',
    'Its parser turns what it cannot decode into other text. We refuse, so that no two readers ' +
      'of one body see two things.',
  ],
  [
    'TE-04 two media types are none',
    'Node hands on the first of two header fields. We count them in the raw list.',
  ],
  ...['assertion', 'token', 'subject_token'].map(
    (name) => [`TE-08 a repeated ${name} is refused, equal or not`, unknownParameters] as const,
  ),
  ['TE-11 credentials in the URI prove nothing', oneAnswer],
  [
    'TE-19 Accept: text/html is answered in JSON, errors too',
    'It draws a page for whoever asks for HTML. RFC 6749 §5.2 has JSON only.',
  ],
  [
    'TE-20 the endpoint has one address: a slash more is no token, no redirect',
    'Its router takes a path with and without a slash at the end. Ours compares paths.',
  ],
  [
    'TE-21 a page of another origin can read nothing of the endpoint',
    'It asks a function whether the origin may, and refuses the request. We do not look at the ' +
      'origin: without the headers a browser keeps the answer from the page.',
  ],
  ['TE-23 who asks is judged before what is asked', oneAnswer],
  [
    'CA-05 a secret sent raw is refused',
    'A broken escape in Basic is an invalid request there, a failed authentication here.',
  ],
  [
    'CA-07 several spaces after the scheme are one',
    'It splits at each space. RFC 9110 §11.4 has one or more.',
  ],
  [
    'CA-08 CA-27 a wrong secret in the header is challenged, in UTF-8',
    'Its challenge repeats the error and names no charset. RFC 7617 §2.1 lets a server say UTF-8.',
  ],
  ['CA-09 a wrong secret in the body is challenged too', noChallenge],
  ['CA-10 an unknown client is answered like a wrong secret, to the letter', noChallenge],
  ['CA-11 no credentials at all: invalid_client', oneAnswer],
  [
    'CA-15 two Authorization fields are refused, whichever is right',
    'Node hands on the first of two header fields. We count them in the raw list.',
  ],
  ['CA-16 Basic that cannot be read is refused like a wrong one', oneAnswer],
  ...['Bearer', 'Digest', 'DPoP', 'Negotiate'].map(
    (scheme) => [`CA-17 ${scheme} is no client authentication here`, oneAnswer] as const,
  ),
  [
    'CA-18 only the registered method works',
    'Basic and body are one method to it: a client registered for one may use the other.',
  ],
  ['CA-20 a public client gets nothing', oneAnswer],
  ['CA-21 an empty secret matches nothing', oneAnswer],
  ['CA-25 an impossible client id is refused cleanly', noChallenge],
  [
    'CC-02 tokens and errors are stored by nobody',
    'It does not send Pragma. RFC 6749 §5.1 demands it; the draft of OAuth 2.1 drops it.',
  ],
  [
    'CC-09 left out, the scope is all that was granted, every time',
    'Without a scope it issues a token without one. RFC 6749 §3.3 asks for a default or a refusal.',
  ],
  ['CC-13 scopes have their case', droppedScope],
  ['CC-14 an unknown scope is refused, not dropped', droppedScope],
  [
    'CC-16 a client without the grant type: unauthorized_client',
    'It says invalid_request. RFC 6749 §5.2 has a code of its own for this.',
  ],
  ['CC-17 authorization_code is no grant type here', 'It offers that grant, to other clients.'],
  ['CC-21 audience and scope in one string', 'That form is of the identity domain.'],
  ['ER-01 an error is 400, and 401 only as invalid_client', droppedScope],
  ['ER-03 no 401 comes without a challenge', oneAnswer],
  [
    'ER-04 an error echoes no secret and no assertion',
    'An assertion type without an assertion is overlooked there; RFC 7521 §4.2 has them together.',
  ],
  ['ER-05 every error is one uncached JSON object, whatever its status', droppedScope],
  [
    'ER-06 what counts as an invalid request',
    'Its parser keeps a broken escape as text, and then does not know that grant type.',
  ],
  ...['/oauth2/', '/oauth2/v1/tokens', '/oauth2/v1/token%00', '/oauth2/v1/../../etc'].map(
    (path) => [`ER-07 ${path} is no page of a framework`, otherPage] as const,
  ),
  [
    'ER-08 before the client is proven there is one text; the log has the reason',
    'It tells a stranger what was wrong with the credentials. We tell the log.',
  ],
])
