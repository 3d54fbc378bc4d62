import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, type Stats, statSync } from 'node:fs'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { masterKeyFileIn } from './configuration.ts'
import type { Draft } from './draft.ts'
import type { Misfit } from './setting-types.ts'
import { type SettingKey, settingName } from './settings.ts'

const fileBytesMax = 1_048_576

/** What settings demand of the disk: the files they name are there and are what they should be. */
export function checkFiles(draft: Draft): void {
  checkData(draft)
  checkMasterKey(draft)
  checkPair(
    draft,
    readPem(draft, 'tls.cert', certificateFault),
    readPem(draft, 'tls.key', keyFault),
  )
  for (const file of draft.value('clientCa') ?? []) {
    const pem = readText(file)
    const fault = pem.ok ? certificateFault(file, pem.value) : pem.failure
    if (fault !== null) draft.fault('clientCa', fault)
  }
}

function checkData(draft: Draft): void {
  const data = draft.value('data')
  const stat = data === undefined ? undefined : lookAt(draft, 'data', data)
  if (stat === undefined || stat.isDirectory()) return
  draft.fault('data', {
    what: `${data} is not a folder`,
    fix: 'name a folder; it may be a new one',
  })
}

function checkMasterKey(draft: Draft): void {
  const data = draft.value('data')
  const named = draft.value('masterKeyFile')
  if (data === undefined || named === undefined) return
  const file = named ?? masterKeyFileIn(data)
  const stat = lookAt(draft, 'masterKeyFile', file)
  if (stat === undefined) return
  if (!stat.isFile()) {
    draft.fault('masterKeyFile', { what: `${file} is not a file`, fix: 'name a file' })
  } else if ((stat.mode & 0o077) !== 0) {
    draft.fault('masterKeyFile', {
      what: `others than its owner can read or change ${file}`,
      why: 'it opens the private signing keys: whoever reads it can make tokens',
      fix: `chmod 600 ${file}`,
    })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENOTDIR: 'a part of the path is not a folder',
}

/** What is at a path; undefined: nothing, or this user may not look, which is then a fault. */
function lookAt(draft: Draft, key: 'data' | 'masterKeyFile', path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    draft.fault(key, {
      what: `cannot look at ${path}: ${reasons[code] ?? code}`,
      fix: 'run this as the user that the data belongs to, or name another path',
    })
    return undefined
  }
}

/** The text of a small file, or why not. */
export function readText(file: string): Result<string, Misfit> {
  try {
    if (statSync(file).size > fileBytesMax) {
      return fail({ what: `${file} is larger than 1 MiB`, fix: 'name the right file' })
    }
    return ok(readFileSync(file, 'utf8'))
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return fail({
      what: `cannot read ${file}: ${reasons[code] ?? code}`,
      fix: 'name a file that the server may read',
    })
  }
}

function readPem(
  draft: Draft,
  key: 'tls.cert' | 'tls.key',
  judge: (file: string, pem: string) => Misfit | null,
): string | null {
  const file = draft.value(key)
  if (file === undefined || file === null) return null
  const pem = readText(file)
  const fault = pem.ok ? judge(file, pem.value) : pem.failure
  if (fault !== null) draft.fault(key, fault)
  return fault === null && pem.ok ? pem.value : null
}

function certificateFault(file: string, pem: string): Misfit | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) {
    const found = pem.includes('PRIVATE KEY') ? 'a private key and no' : 'no'
    return { what: `${file} holds ${found} certificate in PEM form`, fix: 'name a PEM certificate' }
  }
  try {
    for (const block of blocks) new X509Certificate(block)
    return null
  } catch {
    return { what: `${file} holds a broken certificate`, fix: 'copy the file again' }
  }
}

function keyFault(file: string, pem: string): Misfit | null {
  if (/ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    return {
      what: `the private key in ${file} is encrypted`,
      why: 'nobody is there to type its password when the server starts',
      fix: `openssl pkey -in ${file} -out plain.key && chmod 600 plain.key`,
    }
  }
  try {
    createPrivateKey(pem)
    return null
  } catch {
    const found = pem.includes('BEGIN CERTIFICATE') ? 'a certificate and no' : 'no usable'
    return { what: `${file} holds ${found} private key`, fix: 'name a PEM private key' }
  }
}

function checkPair(draft: Draft, cert: string | null, key: string | null): void {
  if (key !== null && othersCanRead(draft.value('tls.key'))) {
    draft.warn('tls.key', {
      what: 'everyone on this machine can read the private key',
      fix: `chmod 600 ${draft.value('tls.key')}`,
    })
  }
  if (cert === null || key === null) return
  if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return
  draft.fault('tls.key', {
    what: `this is not the private key of the certificate in ${settingName('tls.cert')}`,
    fix: 'name the key of the first certificate in that file, which is that of the server',
  })
}

const othersCanRead = (file: string | null | undefined): boolean =>
  typeof file === 'string' && ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o004) !== 0

/** The secret in a file: its text without the line end that editors add. */
export function readSecretFile(key: SettingKey, file: string): Result<string, Misfit> {
  const text = readText(file)
  if (!text.ok) return text
  const secret = text.value.replace(/\r?\n$/, '')
  if (secret !== '') return ok(secret)
  return fail({ what: `${file} is empty`, fix: `write the value of ${key} into it` })
}
