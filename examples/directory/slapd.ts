/** A real OpenLDAP for the test: in a folder of its own, on a free port, with a few people. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'

export const slapdProgram = '/usr/sbin/slapd'
const modules = '/usr/lib/ldap'
const schemas = '/etc/ldap/schema'

/** Why the test cannot run here; false: it can. Debian: `apt-get install slapd`. */
export const slapdMissing = [slapdProgram, modules, schemas].every(existsSync)
  ? false
  : 'slapd is not installed'

export const base = 'dc=example,dc=com'
export const bindName = `cn=orders-api,${base}`
const people = `ou=people,${base}`

/** The service account reads; nobody else sees anything, and a password only serves to bind. */
const configuration = (folder: string, password: string): string => `
include ${schemas}/core.schema
include ${schemas}/cosine.schema
include ${schemas}/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl'
  EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.662 NAME 'lockoutTime'
  EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
modulepath ${modules}
moduleload back_mdb
moduleload ppolicy
pidfile ${folder}/slapd.pid
TLSCertificateFile ${folder}/slapd.crt
TLSCertificateKeyFile ${folder}/slapd.key
database mdb
maxsize 10485760
suffix "${base}"
rootdn "cn=root,${base}"
rootpw ${password}
directory ${folder}/data
overlay ppolicy
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${bindName}" read by * none
`

const person = (uid: string, cn: string, more = ''): string => `
dn: cn=${cn},${people}
objectClass: inetOrgPerson
objectClass: extensibleObject
cn: ${cn}
sn: ${cn}
uid: ${uid}
${more}`

const entries = (password: string): string => `dn: ${base}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ${bindName}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: orders-api
userPassword: ${password}

dn: ${people}
objectClass: organizationalUnit
ou: people
${[
  person('nightly', 'BATCH'),
  person('plain', 'PLAIN', 'userAccountControl: 512\nlockoutTime: 0\nnsAccountLock: false\n'),
  person('left', 'LEFT', 'userAccountControl: 514\n'),
  person('left-389', 'LEFT389', 'nsAccountLock: TRUE\n'),
  person('guessed', 'GUESSED', 'pwdAccountLockedTime: 000001010000Z\n'),
  person('guessed-ad', 'GUESSEDAD', 'lockoutTime: 133500000000000000\n'),
  person('twice', 'TWICE1'),
  person('twice', 'TWICE2'),
  person('a*b(c)\\d', 'ODD'),
].join('')}
dn: uid=robot,${people}
objectClass: account
uid: robot
`

export interface Slapd {
  readonly url: string
  /** Connections that it has taken since it was first started. */
  accepted(): number
  /** Ends it, as a restart of the machine would. */
  stop(): Promise<void>
  start(): Promise<void>
  /** It takes connections and answers none, until it goes on. */
  hang(): void
  goOn(): void
}

export interface SlapdOptions {
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly certificate: { readonly pem: string; readonly keyPem: string }
}

const soon = () => new Promise((fulfil) => setTimeout(fulfil, 50))

const waitForPort = async (port: number, isEnded: () => string | null): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const why = isEnded()
    if (why !== null) throw new Error(`slapd ended: ${why}`)
    const isThere = await new Promise<boolean>((fulfil) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        socket.destroy()
        fulfil(true)
      })
      socket.once('error', () => fulfil(false))
    })
    if (isThere) return
    await soon()
  }
  throw new Error('slapd does not listen')
}

/** Fills a directory and starts it. */
export const startSlapd = async (options: SlapdOptions): Promise<Slapd> => {
  const { folder, port, password, certificate } = options
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  mkdirSync(join(folder, 'data'))
  put('slapd.crt', certificate.pem)
  put('slapd.key', certificate.keyPem)
  const file = put('slapd.conf', configuration(folder, password))
  const filling = ['-T', 'add', '-f', file, '-l', put('people.ldif', entries(password))]
  const filled = spawnSync(slapdProgram, filling, { encoding: 'utf8' })
  if (filled.status !== 0) throw new Error(`slapadd: ${filled.stderr}`)
  const url = `ldaps://localhost:${port}`
  let child: ReturnType<typeof spawn> | null = null
  let accepted = 0
  const kill = () => child?.kill('SIGKILL')
  process.on('exit', kill)
  const start = async (): Promise<void> => {
    let said = ''
    // With -d it stays in the foreground; 256 tells of connections.
    const words = ['-f', file, '-h', `ldaps://127.0.0.1:${port}`, '-d', '256']
    const started = spawn(slapdProgram, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    started.stderr.on('data', (bytes) => {
      said = `${said}${bytes}`.slice(-4000)
      accepted += String(bytes).match(/ ACCEPT /g)?.length ?? 0
    })
    child = started
    const before = accepted
    await waitForPort(port, () => (started.exitCode === null ? null : said))
    // what it says of this connection comes by another pipe, and is to be counted before others
    while (accepted === before && !started.stderr.readableEnded) await soon()
  }
  await start()
  return {
    url,
    accepted: () => accepted,
    start,
    hang: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
    stop: async () => {
      const ending = child
      if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = new Promise((fulfil) => ending.once('exit', fulfil))
      ending.kill('SIGCONT')
      ending.kill('SIGKILL')
      await ended
    },
  }
}
