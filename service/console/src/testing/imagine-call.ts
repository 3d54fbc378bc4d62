import { send } from '../server/request.ts'

export interface CallWish {
  readonly token: string
  /** Audience of the API. */
  readonly api: string
  readonly method: string
  readonly url: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** What the guard of the API would answer. */
export interface GuardVerdict {
  readonly verdict: 'let-in' | 'refused'
  readonly refusal: {
    readonly reason: string
    readonly detail: string
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  } | null
  readonly demands: readonly {
    readonly kind: 'scope' | 'role'
    readonly name: string
    readonly held: boolean
  }[]
  readonly endedEarly: boolean
  readonly api: { readonly id: string; readonly displayName: string }
  readonly profile: 'identity-domain' | 'rfc9068'
  readonly declared: { readonly scopes: readonly string[]; readonly roles: readonly string[] }
}

/** Has the server think the call through; neither it nor this page sends anything to the API. */
export const imagineCall = async (wish: CallWish): Promise<GuardVerdict> =>
  (await send<GuardVerdict>('POST', '/api/v1/tokens/call', wish)).body

/** Those whom a token says it is for. */
export const audiencesOf = (claims: Readonly<Record<string, unknown>>): readonly string[] =>
  [claims['aud']].flat().filter((each): each is string => typeof each === 'string' && each !== '')

/** Where the API probably is: where its audience is an address. */
export const addressOf = (audience: string): string =>
  URL.canParse(audience) && /^https?:$/.test(new URL(audience).protocol)
    ? audience
    : 'https://api.example/'

/** For a shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The call itself, to paste where the API can be reached. */
export const curlOfCall = (wish: Pick<CallWish, 'token' | 'method' | 'url'>): string =>
  [
    `curl -i ${wish.method === 'GET' ? '' : `-X ${wish.method} `}${quoted(wish.url)} \\`,
    `  -H ${quoted(`Authorization: Bearer ${wish.token}`)}`,
  ].join('\n')

/** The answer as it would come over the wire. */
export const answerText = ({ refusal }: GuardVerdict): string => {
  if (refusal === null) return ''
  const fields = Object.entries(refusal.headers).map(([name, value]) => `${name}: ${value}`)
  return [String(refusal.status), ...fields, '', JSON.stringify(refusal.body, null, 2)].join('\n')
}
