import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { credentialOfTokenId, millisecondsOfTokenId } from '@mintmark/protocol/revocation-feed'
import { MasterKeyFault, masterKeyOf, openMasterKey } from './master-key.ts'
import { ecidTimeMs, newEcid, newId, newTokenId } from './random-ids.ts'

const inDirectory = (work: (directory: string) => void): void => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-key-'))
  try {
    work(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('master key: made once with mode 0600, then reused', () => {
  inDirectory((directory) => {
    const path = join(directory, 'master.key')
    const sealed = openMasterKey(path, true).seal('private', 'context')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(openMasterKey(path, true).unseal(sealed, 'context'), 'private')
    assert.ok(!sealed.includes('private'))
  })
})

test('master key: refused when others can read it, missing or of another form', () => {
  inDirectory((directory) => {
    const path = join(directory, 'master.key')
    assert.throws(() => openMasterKey(path, false), MasterKeyFault)
    openMasterKey(path, true)
    chmodSync(path, 0o640)
    assert.throws(() => openMasterKey(path, true), /chmod 600/)
    chmodSync(path, 0o600)
    writeFileSync(path, `${readFileSync(path, 'utf8').slice(0, 20)}\n`)
    assert.throws(() => openMasterKey(path, true), /64 hexadecimal/)
  })
})

test('master key: a sealed text opens only for its own context, key and bytes', () => {
  const key = masterKeyOf(Buffer.alloc(32, 1))
  const sealed = key.seal('private', 'signing-key:a')
  assert.throws(() => key.unseal(sealed, 'signing-key:b'))
  assert.throws(() => masterKeyOf(Buffer.alloc(32, 2)).unseal(sealed, 'signing-key:a'))
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const broken = Buffer.from(bytes)
    broken[at] = (broken[at] as number) ^ 1
    const text = `v1.${broken.toString('base64url')}`
    assert.throws(() => key.unseal(text, 'signing-key:a'), `byte ${at}`)
  }
})

test('ids: of the domain form, and no two alike', () => {
  const ids = new Set(Array.from({ length: 5000 }, newId))
  assert.equal(ids.size, 5000)
  for (const id of ids) assert.match(id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  const ecids = new Set(Array.from({ length: 5000 }, newEcid))
  assert.equal(ecids.size, 5000)
  for (const ecid of ecids) assert.match(ecid, /^[0-9A-Za-z]{20}$/)
})

test('token ids carry the millisecond they were made in, and the mark of a credential', () => {
  for (let fraction = 0; fraction < 1000; fraction += 1) {
    const id = newTokenId(1_700_000_000_000 + fraction, '89abcdef')
    assert.match(id, /^[0-9a-f]{36}$/)
    assert.deepEqual([millisecondsOfTokenId(id), credentialOfTokenId(id)], [fraction, '89abcdef'])
  }
  const ids = Array.from({ length: 1000 }, () => newTokenId(1_700_000_000_000, '89abcdef'))
  assert.equal(new Set(ids).size, 1000)
  assert.equal(millisecondsOfTokenId('not a token id'), 0)
})

test('an ecid says when it was made', () => {
  const before = Date.now()
  const at = ecidTimeMs(newEcid()) ?? 0
  assert.ok(at >= before && at <= Date.now(), `${before} ${at}`)
  assert.equal(ecidTimeMs('0123'), null)
  assert.equal(ecidTimeMs('0000000!234567890123'), null)
})
