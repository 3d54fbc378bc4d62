/**
 * Takes secrets out of text by their looks, wherever they stand: minted secrets (`mms_…`), JWTs,
 * values of Authorization headers, private keys, and the values of names that hold secrets in
 * form, JSON, header and `util.inspect` notation.
 *
 * It is built to run over whole serialized log lines: what it removes never includes a closing
 * quotation mark, so a JSON line stays JSON. Every pattern runs in linear time, because the text
 * comes from strangers. Rather too much is removed than too little.
 */

/** What stands in the place of a secret. */
export const redacted = '[redacted]'

const secretNames =
  'secret|password|passwd|passphrase|token|assertion|authorization|cookie|dpop|' +
  'private_?-?key|master_?-?key|api_?-?key'

const secretName = new RegExp(`(?:${secretNames})$`, 'i')

/** Whether a member of this name holds a secret, so that its value is never shown. */
export const isSecretName = (name: string): boolean => secretName.test(name)

const mintedSecret = /mms(_|%5F)[0-9A-Za-z]+/gi
const wordRun = /[A-Za-z0-9_.-]{20,}/g
const privateKey = /-----BEGIN ([A-Z ]{0,20}PRIVATE KEY)-----(?:\\.|[^"\\-])*(?:-----END \1-----)?/g
const schemeValue = /(basic|bearer|dpop)((?:\s|%20|\+){1,8})([A-Za-z0-9+/=_.~%-]+)/gi
const jsonMember = new RegExp(
  `"(?:[\\w-]{0,64}?(?:${secretNames})|d|p|q|dp|dq|qi|k)\\\\{0,15}"\\s{0,8}:\\s{0,8}\\\\{0,15}"`,
  'gi',
)
const formMember = new RegExp(`(${secretNames})(=|%3D)(?:\\\\.|[^&\\s"\\\\])+`, 'gi')
const inspectMember = new RegExp(
  `((?:${secretNames})['"]?\\s{0,4}:\\s{0,4}')(?:\\\\.|[^'"\\\\])*`,
  'gi',
)
const headerLine = /((?:authorization|cookie)\s{0,4}:\s{0,4})(?![\s"'\\])(?:\\[^nr]|[^\\"\r\n])+/gi
const yamlMember = /((?:client_?secret|password|passwd)\s{0,4}:\s{1,4})(?:\\.|[^\s"'\\,}])+/gi
const urlCredentials = /:\/\/[^\s/@"\\:]{0,256}:[^\s/@"\\]{1,256}@/g

/** Words that follow "basic", "bearer" or "DPoP" in sentences of ours and are no credential. */
const innocentAfterScheme = new Set(
  (
    'auth authentication authorization cannot challenge credential credentials error field for ' +
    'form header headers holds in is key keys method or proof proofs realm scheme scope string ' +
    'token tokens value'
  ).split(' '),
)

const redactScheme = (whole: string, scheme: string, gap: string, value: string): string =>
  innocentAfterScheme.has(value.replace(/[.=]+$/, '').toLowerCase())
    ? whole
    : `${scheme}${gap}${redacted}`

/** Base64url of `{"`, `{ `, and `{` with a line end or tab: how the header of a JWT begins. */
const jwtStart = /eyJ|eyA|ewo|ew0|ewk/

const redactRun = (run: string): string => {
  const start = run.search(jwtStart)
  if (start < 0 || !run.includes('.', start)) return run
  return `${run.slice(0, start)}${redacted}`
}

/** Cuts the values of JSON members that hold secrets, at any depth of JSON inside JSON. */
function redactJsonMembers(text: string): string {
  let out = ''
  let done = 0
  jsonMember.lastIndex = 0
  for (let hit = jsonMember.exec(text); hit !== null; hit = jsonMember.exec(text)) {
    const valueStart = jsonMember.lastIndex
    const valueEnd = endOfJsonString(text, valueStart)
    out += `${text.slice(done, valueStart)}${redacted}`
    done = valueEnd
    jsonMember.lastIndex = valueEnd
  }
  return done === 0 ? text : out + text.slice(done)
}

/**
 * The closing quotation mark of a string that is k times escaped has k backslashes before it, one
 * inside the string has more: the position where the closing backslashes begin.
 */
function endOfJsonString(text: string, valueStart: number): number {
  const opening = backslashesBefore(text, valueStart - 1, 0)
  for (let at = text.indexOf('"', valueStart); at >= 0; at = text.indexOf('"', at + 1)) {
    const run = backslashesBefore(text, at, valueStart)
    // An even run is escaped backslashes: the mark ends the outermost string, whatever was inside.
    if (run % 2 === 0) return at
    if (run <= opening) return at - run
  }
  return text.length
}

function backslashesBefore(text: string, position: number, floor: number): number {
  let at = position
  while (at > floor && text.charCodeAt(at - 1) === 0x5c) at -= 1
  return position - at
}

/** Cheap tests before dear replacements: nearly every line of a log holds nothing to remove. */
const mayHoldMember = new RegExp(`(?:${secretNames})["'\\\\]{0,16}\\s{0,8}(?:=|%3D|:)`, 'i')
const mayHoldKeyMember = /"(?:d|p|q|dp|dq|qi|k)\\{0,15}"/i

/**
 * The text with every secret replaced by `[redacted]`.
 *
 * @param text plain text or one line of JSON; JSON stays valid JSON
 */
export function redact(text: string): string {
  let clean = text
  if (clean.includes('PRIVATE KEY')) clean = clean.replace(privateKey, redacted)
  const member = mayHoldMember.test(clean)
  if (member || mayHoldKeyMember.test(clean)) clean = redactJsonMembers(clean)
  clean = clean.replace(mintedSecret, `mms_${redacted}`)
  if (jwtStart.test(clean)) clean = clean.replace(wordRun, redactRun)
  clean = clean.replace(schemeValue, redactScheme)
  if (member) {
    clean = clean
      .replace(formMember, `$1$2${redacted}`)
      .replace(inspectMember, `$1${redacted}`)
      .replace(headerLine, `$1${redacted}`)
      .replace(yamlMember, `$1${redacted}`)
  }
  return clean.includes('://') ? clean.replace(urlCredentials, `://${redacted}@`) : clean
}

/** A secret that shows itself only where the code says `reveal()`. */
export interface SecretText {
  /** The secret itself: for comparison and digests only. */
  readonly reveal: () => string
  readonly toJSON: () => string
  readonly toString: () => string
}

/** Wraps a secret so that string conversion, JSON and `util.inspect` all show `[redacted]`. */
export function secretText(value: string): SecretText {
  const hide = (): string => redacted
  const secret = { reveal: (): string => value, toJSON: hide, toString: hide }
  Object.defineProperty(secret, Symbol.for('nodejs.util.inspect.custom'), {
    value: hide,
    enumerable: false,
  })
  return Object.freeze(secret)
}
