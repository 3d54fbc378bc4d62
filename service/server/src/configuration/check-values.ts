import { targetOf, urlsOfHosts } from '@mintmark/storage/postgres/postgres-url'
import type { Draft } from './draft.ts'
import { isLoopback, isLoopbackUrl } from './network-types.ts'
import { type SettingKey, settingName } from './settings.ts'

/** What settings demand of each other. A rule is silent where one of its values is a mistake. */
export function checkValues(draft: Draft): void {
  checkPlainDoor(draft)
  checkTlsDoor(draft)
  checkDoorsDiffer(draft)
  checkNetworks(draft)
  checkBootstrap(draft)
  checkTimeouts(draft)
  checkUrls(draft)
  checkSharedDatabase(draft)
}

/** Whether nobody can read on the way: on this machine, or with a certificate that is checked. */
function isSafeDatabase(text: string): boolean {
  return urlsOfHosts(text).every((each) => {
    const url = URL.parse(each)
    if (url === null) return true
    const isHere = url.hostname === '' || /^%2f/i.test(url.hostname) || isLoopback(url.hostname)
    return isHere || url.searchParams.get('sslmode') === 'verify-full'
  })
}

/** What a server that shares its database cannot do. */
function checkSharedDatabase(draft: Draft): void {
  const database = draft.value('databaseUrl')
  if (!database) return
  if (!isSafeDatabase(database)) {
    draft.warn('databaseUrl', {
      what: 'the way to PostgreSQL leads over a network and is not known to be safe',
      why: 'whoever sits on it could read the password and change what is answered',
      fix: 'end the URL in ?sslmode=verify-full',
    })
  }
  const target = targetOf(database)
  if (target !== null && target !== 'read-write' && target !== 'primary') {
    draft.fault('databaseUrl', {
      what: 'target_session_attrs asks for a PostgreSQL that may be a standby',
      why: 'a standby takes no record of a token, and may not know yet what was revoked',
      fix: 'write target_session_attrs=read-write, or nothing: the primary is looked for anyway',
    })
  }
  const workers = draft.value('workers')
  if (workers !== undefined && workers > 1) {
    draft.fault('workers', {
      what: `${workers} processes in one server on PostgreSQL`,
      why: 'each process would have to be told on its own what the other servers have ended',
      fix: `set it to 1 and start more servers with the same ${settingName('databaseUrl')}`,
    })
  }
  if (draft.value('audit') === 'available') {
    draft.fault('audit', {
      what: 'tokens without a record, on a database that other servers write to',
      why: 'a server that cannot record does not know either what the others have ended',
      fix: 'set it to strict',
    })
  }
}

function checkPlainDoor(draft: Draft): void {
  const listen = draft.value('listen')
  const proxies = draft.value('trustedProxies')
  if (listen === undefined || proxies === undefined) return
  if (isLoopback(listen.host)) return
  if (proxies.length === 0) {
    draft.fault('listen', {
      what: `${listen.host} is reached from other machines, and no proxy is trusted`,
      why: 'this door speaks plain HTTP: secrets and tokens would cross the network in the clear',
      fix:
        `listen on 127.0.0.1:${listen.port}; or open the HTTPS door with ` +
        `${settingName('tls.listen')}; or name the proxy that does TLS in ` +
        settingName('trustedProxies'),
    })
  }
  if (!draft.isSet('url') && draft.value('url') === null) {
    draft.warn('url', {
      what: 'other machines are told to find this server at localhost',
      fix: `set ${settingName('url')} to the URL that they use`,
    })
  }
}

function checkTlsDoor(draft: Draft): void {
  const listen = draft.value('tls.listen')
  const cert = draft.value('tls.cert')
  const key = draft.value('tls.key')
  if (listen === undefined || cert === undefined || key === undefined) return
  const both = `set both ${settingName('tls.cert')} and ${settingName('tls.key')}`
  if (cert === null && key !== null) {
    draft.fault('tls.key', { what: 'there is a private key without a certificate', fix: both })
  } else if (cert !== null && key === null) {
    draft.fault('tls.cert', { what: 'there is a certificate without its private key', fix: both })
  } else if (listen !== null && cert === null) {
    draft.fault('tls.listen', { what: 'the HTTPS door has no certificate', fix: both })
  } else if (listen === null && cert !== null) {
    draft.warn('tls.cert', {
      what: 'the certificate is not used: the HTTPS door is off',
      fix: `set ${settingName('tls.listen')}, for example to 0.0.0.0:8482`,
    })
  }
}

const doors = ['listen', 'tls.listen', 'metrics.listen'] as const

function checkDoorsDiffer(draft: Draft): void {
  doors.forEach((key, at) => {
    const door = draft.value(key)
    if (!door || door.port === 0) return
    const other = doors.slice(0, at).find((before) => {
      const address = draft.value(before)
      return address?.host === door.host && address.port === door.port
    })
    if (other === undefined) return
    draft.fault(key, {
      what: `the same address as ${settingName(other)}`,
      fix: 'give each door a port of its own',
    })
  })
}

const everybody = (range: string): boolean => range.endsWith('/0')

function checkNetworks(draft: Draft): void {
  if (draft.value('trustedProxies')?.some(everybody)) {
    draft.fault('trustedProxies', {
      what: 'every address would be a trusted proxy',
      why: 'anyone could then claim any client certificate, which is to be any client',
      fix: 'name the addresses of your proxies only',
    })
  }
  if (draft.value('rateLimit.exempt')?.some(everybody)) {
    draft.warn('rateLimit.exempt', {
      what: 'nobody is limited or locked out',
      fix: 'name the addresses of your benchmark only',
    })
  }
}

const guessableCharactersMax = 15

function checkBootstrap(draft: Draft): void {
  const id = draft.value('bootstrap.clientId')
  const secret = draft.value('bootstrap.clientSecret')
  if (id === undefined || secret === undefined) return
  const missing = (present: SettingKey, absent: SettingKey): void =>
    draft.fault(present, {
      what: `${settingName(absent)} is missing`,
      why: 'the first administrator needs both',
      fix: 'set both, or neither',
    })
  if (id !== null && secret === null) missing('bootstrap.clientId', 'bootstrap.clientSecret')
  if (id === null && secret !== null) missing('bootstrap.clientSecret', 'bootstrap.clientId')
  if (secret !== null && secret.length <= guessableCharactersMax) {
    draft.warn('bootstrap.clientSecret', {
      what: `a secret of ${secret.length} characters can be guessed`,
      fix: 'use 32 random characters or more: openssl rand -hex 32',
    })
  }
}

function checkTimeouts(draft: Draft): void {
  const headers = draft.value('headersTimeout')
  const request = draft.value('requestTimeout')
  if (headers === undefined || request === undefined || headers <= request) return
  draft.fault(draft.isSet('headersTimeout') ? 'headersTimeout' : 'requestTimeout', {
    what: 'the header fields of a request may take longer than the whole request',
    fix: `make ${settingName('headersTimeout')} at most ${settingName('requestTimeout')}`,
  })
}

function checkUrls(draft: Draft): void {
  for (const key of ['issuer', 'url'] as const) {
    const url = draft.value(key)
    if (!url?.toLowerCase().startsWith('http:') || isLoopbackUrl(url)) continue
    draft.warn(key, {
      what: 'the URL is plain HTTP and leads to another machine',
      why: 'whoever sits between can read tokens and hand out keys of their own (RFC 8414 §2)',
      fix: 'use https',
    })
  }
}
