import { isIP } from 'node:net'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { isLoopbackHost } from '@mintmark/protocol/rfc6761-localhost'
import ipaddr from 'ipaddr.js'
import { listOf, type Misfit, type ScalarType, shown } from './setting-types.ts'

/** Where a door listens. */
export interface ListenAddress {
  /** An IP address, or `localhost`. */
  readonly host: string
  /** 0 to 65535; 0 is any free port. */
  readonly port: number
}

const defaultHost = '127.0.0.1'
const addressForms =
  'an address and a port (`127.0.0.1:8480`, `[::1]:8480`, `0.0.0.0:8480` for every interface), ' +
  `or only a port (\`8480\`, \`:8480\`), which means ${defaultHost}`

const readAddress = (text: string): Result<ListenAddress, Misfit> => {
  const parts = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text)
  const misfit = (what: string): Result<ListenAddress, Misfit> =>
    fail({ what, fix: `write ${addressForms}` })
  if (parts === null) {
    if (isIP(text) === 6) {
      return fail({ what: `${shown(text)} has no port`, fix: `write [${text}]:8480` })
    }
    return misfit(`${shown(text)} is not an address to listen on`)
  }
  const port = Number(parts[3])
  if (port > 65_535) return misfit(`there is no port ${port}`)
  const host = parts[1] ?? (parts[2] || defaultHost)
  if (parts[1] !== undefined ? isIP(host) !== 6 : isIP(host) !== 4 && host !== 'localhost') {
    if (host !== '*') return misfit(`${shown(host)} is not an IP address`)
    return fail({
      what: '* is not an IP address',
      fix: `write 0.0.0.0:${port} (every interface), or [::]:${port} (IPv6 too)`,
    })
  }
  return ok({ host, port })
}

export const listenAddress: ScalarType<ListenAddress> = {
  isList: false,
  name: 'an address to listen on',
  forms: addressForms,
  parse: readAddress,
}

/** An address to listen on, or `off`, which is null. */
export const listenAddressOrOff: ScalarType<ListenAddress | null> = {
  isList: false,
  name: 'an address to listen on',
  forms: `\`off\`, or ${addressForms}`,
  parse: (text) => (text === 'off' ? ok(null) : readAddress(text)),
}

/** Whether only this computer reaches the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(host)

/** Whether a URL leads to this computer, names below `localhost` included, as browsers hold it. */
export const isLoopbackUrl = (url: string): boolean => {
  const { hostname } = new URL(url)
  return isLoopbackHost(hostname) || hostname.endsWith('.localhost')
}

const rangeForms = 'an IP address or a range in CIDR form (`10.0.0.0/8`, `192.0.2.7`, `fd00::/8`)'

/** One range of addresses; the value is its CIDR form. */
const networkRange: ScalarType<string> = {
  isList: false,
  name: 'a range of addresses',
  forms: rangeForms,
  parse: (text) => {
    const [address = '', prefixText, ...rest] = text.split('/')
    const family = isIP(address)
    const bits = family === 4 ? 32 : 128
    const prefix = prefixText === undefined ? bits : Number(prefixText)
    const isPrefix = prefixText === undefined || /^\d{1,3}$/.test(prefixText)
    if (family === 0 || address.includes('%') || !isPrefix || prefix > bits || rest.length > 0) {
      return fail({
        what: `${shown(text)} is not a range of addresses`,
        fix: `write ${rangeForms}`,
      })
    }
    const first = firstAddress(address, prefix)
    if (ipaddr.parse(first).toNormalizedString() !== ipaddr.parse(address).toNormalizedString()) {
      return fail({
        what: `${shown(text)} names an address in the middle of its range`,
        fix: `write ${first}/${prefix} for the range, or ${address} for that one address`,
      })
    }
    return ok(`${address}/${prefix}`)
  },
}

const firstAddress = (address: string, prefix: number): string => {
  const bytes = ipaddr.parse(address).toByteArray()
  const first = bytes.map(
    (byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))),
  )
  return ipaddr.fromByteArray(first.map((byte) => byte & 0xff)).toString()
}

export const networkRanges = listOf('ranges of addresses', networkRange)

const readUrl = (text: string, schemes: readonly string[]): URL | Misfit => {
  const url = /^[a-z]+:\/\/[\x21-\x7e]+$/i.test(text) ? URL.parse(text) : null
  if (url === null || !schemes.includes(url.protocol)) {
    const forms = schemes.map((scheme) => `${scheme}//…`).join(' or ')
    return { what: `${shown(text)} is not a URL that begins with ${forms}`, fix: `write ${forms}` }
  }
  if (url.username !== '' || url.password !== '') {
    return {
      what: 'the URL holds a user name or password',
      why: 'it is published in discovery documents and tokens',
      fix: 'leave out everything between // and @',
    }
  }
  if (text.includes('?') || text.includes('#')) {
    return {
      what: `${shown(text)} has a query or a fragment`,
      why: 'RFC 8414 §2 allows neither',
      fix: `write ${text.replace(/[?#].*$/, '')}`,
    }
  }
  return url
}

/** Scheme, host and port: what the paths of the domain are appended to, without a slash. */
export const originUrl = (...schemes: readonly string[]): ScalarType<string> => ({
  isList: false,
  name: 'a URL',
  forms: `a URL of scheme, host and port only, such as \`${schemes.at(-1)}//auth.example.com\``,
  parse: (text) => {
    const url = readUrl(text, schemes)
    if ('what' in url) return fail(url)
    if (url.pathname === '/') return ok(url.origin)
    return fail({
      what: `${shown(text)} has a path`,
      why: 'the paths of the domain, such as /oauth2/v1/token, follow the port at once',
      fix: `write ${url.origin}`,
    })
  },
})

const webhookForms = 'a URL with https, or with http and a loopback host'

/** Where notices are sent. The misfit never shows the text: such URLs often hold a secret. */
export const webhookUrl: ScalarType<string> = {
  isList: false,
  name: 'a webhook URL',
  forms: webhookForms,
  parse: (text) => {
    const url = text.length <= 2000 && /^[\x21-\x7e]+$/.test(text) ? URL.parse(text) : null
    const isPlain = url?.username === '' && url.password === '' && url.hash === ''
    const isSafe =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackUrl(url.href))
    if (url !== null && isPlain && isSafe) return ok(url.href)
    return fail({
      what: 'the value is no URL that notices are sent to',
      why: 'what it says would be readable on its way, or go to nobody',
      fix: `write ${webhookForms}, without user name, password and fragment`,
    })
  },
}

const syslogForms = '`tls://host:port`, or `tcp://host:port` where the network is trusted'

/** A syslog receiver: RFC 5425 over TLS, RFC 6587 over plain TCP. */
export const syslogUrl: ScalarType<string> = {
  isList: false,
  name: 'the address of a syslog receiver',
  forms: syslogForms,
  parse: (text) => {
    const isForm = /^(?:tls|tcp):\/\/(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\]):\d{1,5}$/i.test(text)
    const url = isForm ? URL.parse(text) : null
    if (url !== null && Number(url.port) > 0) return ok(url.href)
    return fail({ what: `${shown(text)} is no syslog receiver`, fix: `write ${syslogForms}` })
  },
}

const postgresForms = 'a URL such as `postgres://user:password@host:5432/name`'

/** Where the database is. The misfit never shows the text: it holds a password. */
export const postgresUrl: ScalarType<string> = {
  isList: false,
  name: 'the URL of a PostgreSQL database',
  forms: postgresForms,
  parse: (text) => {
    const isPostgres = /^postgres(?:ql)?:\/\/[\x21-\x7e]{1,2000}$/.test(text)
    if (isPostgres) return ok(text)
    return fail({
      what: 'the value is no URL of a PostgreSQL database',
      why: 'its text is not shown here, because it may hold a password',
      fix: `write ${postgresForms}; what is no letter or digit in user and password as %XX`,
    })
  },
}

/** RFC 8414 §2: an issuer, compared letter by letter, so it is kept as it was written. */
export const issuerUrl: ScalarType<string> = {
  isList: false,
  name: 'an issuer',
  forms: 'a URL with https (or http) and without query and fragment; it is used letter by letter',
  parse: (text) => {
    const url = readUrl(text, ['http:', 'https:'])
    return 'what' in url ? fail(url) : ok(text)
  },
}
