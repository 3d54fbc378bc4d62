import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'
import type { Terminal } from '../session/terminal.ts'

export interface InitFlags {
  readonly config: string
  readonly issuer?: string
  readonly data?: string
  readonly databaseUrlFile?: string
  readonly tls?: string
  readonly trustedProxy?: readonly string[]
  readonly cert?: string
  readonly key?: string
  readonly listen?: string
  readonly tlsListen?: string
  readonly start?: string
  readonly yes?: boolean
}

/** Who does TLS. */
export type TlsAnswer =
  | { readonly by: 'proxy'; readonly trusted: readonly string[] }
  | { readonly by: 'files'; readonly cert: string; readonly key: string }
  | { readonly by: 'development' }

/** Everything that a configuration is written from; paths are absolute. */
export interface Answers {
  readonly config: string
  readonly issuer: string
  readonly data: string
  readonly databaseUrlFile: string | null
  readonly tls: TlsAnswer
  readonly listen: string
  /** null: there is no HTTPS door. */
  readonly tlsListen: string | null
  /** A domain file to begin with; null: an empty domain. */
  readonly start: string | null
}

const refuse = (message: string) => new CommandFault(exitCodes.invalidInput, message)
const tlsWords = ['proxy', 'files', 'development'] as const

/** Asks what no flag says, where somebody is there who can be asked. */
const asker = (flags: InitFlags, terminal: Terminal) => {
  const missing: string[] = []
  const canAsk = terminal.isInteractive && flags.yes !== true
  const ask = async (said: string | undefined, flag: string, question: string, usual?: string) => {
    if (said !== undefined) return said
    if (canAsk) {
      const hint = usual === undefined ? '' : ` [${usual}]`
      const answer = (await terminal.ask(`◆ ${question}${hint}: `)).trim()
      if (answer !== '') return answer
    }
    if (usual !== undefined) return usual
    missing.push(flag)
    return ''
  }
  const refuseMissing = (): void => {
    if (missing.length === 0) return
    const message = `Nothing was written. It needs to know ${missing.join(' and ')}.`
    throw new CommandFault(exitCodes.usage, message)
  }
  return { ask, refuseMissing }
}

/** What tokens will say in `iss`: what callers reach, so it cannot be guessed. */
const checkIssuer = (text: string): string => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refuse(`"${text}" is no URL. The issuer is like https://auth.example.com`)
  }
  const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !isHere) {
    throw refuse(
      `The issuer ${text} is plain http: whoever sits between could read secrets and tokens. ` +
        'Use https; a proxy in front can do TLS.',
    )
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '') {
    throw refuse(`The issuer ${text} has no query, fragment or user (RFC 8414 §2).`)
  }
  return url.pathname === '/' ? url.origin : `${url.origin}${url.pathname}`
}

const existing = (path: string, what: string): string => {
  const found = resolve(path)
  if (existsSync(found)) return found
  throw new CommandFault(exitCodes.notFound, `There is no ${what} ${path}. Nothing was written.`)
}

const isAddress = (text: string): boolean => /^(?:.+:)?\d{1,5}$/.test(text)

/** All answers, from flags and from whoever sits there. @throws CommandFault */
export const gatherAnswers = async (flags: InitFlags, terminal: Terminal): Promise<Answers> => {
  const { ask, refuseMissing } = asker(flags, terminal)
  const config = resolve(flags.config)
  const issuerText = await ask(flags.issuer, '--issuer', 'Public address of this server (issuer)')
  const issuer = issuerText === '' ? '' : checkIssuer(issuerText)
  const usual = join(dirname(config), 'data')
  const data = resolve(await ask(flags.data, '--data', 'Folder for its data', usual))
  const way = await ask(flags.tls, '--tls', `Who does TLS (${tlsWords.join(', ')})`)
  const kind = tlsWords.find((each) => each === way)
  if (kind === undefined && way !== '') {
    throw refuse(`--tls is ${tlsWords.join(', ')}, not "${way}".`)
  }
  const answer = async (): Promise<TlsAnswer> => {
    if (kind === 'proxy') {
      const said = flags.trustedProxy?.join(',')
      const proxies = await ask(said, '--trusted-proxy', 'Address of the proxy', '127.0.0.1')
      return { by: 'proxy', trusted: proxies.split(/[\s,]+/).filter(Boolean) }
    }
    if (kind !== 'files') return { by: 'development' }
    const cert = await ask(flags.cert, '--cert', 'Certificate file (PEM, with its chain)')
    const key = await ask(flags.key, '--key', 'File of its private key')
    refuseMissing()
    return { by: 'files', cert: existing(cert, 'file'), key: existing(key, 'file') }
  }
  const tls = await answer()
  const start = await ask(flags.start, '--start', 'A domain file to start with, or empty', 'empty')
  refuseMissing()
  const port = URL.parse(issuer)?.port || '443'
  const listen = flags.listen ?? '127.0.0.1:8480'
  const tlsListen = tls.by === 'proxy' ? null : (flags.tlsListen ?? `0.0.0.0:${port}`)
  for (const door of [listen, tlsListen]) {
    if (door !== null && !isAddress(door)) throw refuse(`"${door}" is no address with a port.`)
  }
  return {
    ...{ config, issuer, data, tls, listen, tlsListen },
    databaseUrlFile:
      flags.databaseUrlFile === undefined ? null : existing(flags.databaseUrlFile, 'file'),
    start: start === 'empty' ? null : existing(start, 'domain file'),
  }
}
