import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SigningKey } from '@mintmark/registry/signing-key'
import { signToken } from '../signing/sign-token.ts'
import { loadSigningKey } from '../signing/signing-keys.ts'
import { type Death, openTestRotation, type TestRotation, testPolicy } from './test-rotation.ts'

/** When something is due, in milliseconds on a clock that starts at 0. */
const announceMs = testPolicy.rotateAfterMs
const activateMs = announceMs + testPolicy.publishLeadMs
const removeMs = activateMs + testPolicy.keepRetiredMs

const inDirectory = async (test: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-rotation-'))
  try {
    await test(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const opened = async <T>(directory: string, work: (rotation: TestRotation) => Promise<T>) => {
  const rotation = await openTestRotation(directory)
  try {
    return await work(rotation)
  } finally {
    await rotation.close()
  }
}

const rotateAt = (directory: string, ...instants: readonly number[]): Promise<void> =>
  opened(directory, async (rotation) => {
    for (const atMs of instants) await rotation.rotate(atMs)
  })

/** Rotates in a process of its own, which must be killed on the way. */
const dieRotating = async (directory: string, death: Death): Promise<void> => {
  const program = join(import.meta.dirname, 'test-rotation.ts')
  const args = ['--conditions=mintmark-source', program, directory, JSON.stringify(death)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [, signal] = await once(child, 'exit')
  assert.equal(signal, 'SIGKILL', 'the process ended before it was killed')
}

const statesOf = (keys: readonly SigningKey[]): string =>
  keys
    .map(({ algorithm, state }) => `${algorithm} ${state}`)
    .toSorted()
    .join(', ')

const kidOf = (keys: readonly SigningKey[], algorithm: string, state: string): string =>
  keys.find((key) => key.algorithm === algorithm && key.state === state)?.kid ?? 'none'

/** What must hold between any two steps, whatever happened before. */
const checkKeys = (keys: readonly SigningKey[]): void => {
  for (const algorithm of ['ES256', 'RS256']) {
    const active = keys.filter((key) => key.algorithm === algorithm && key.state === 'active')
    assert.equal(active.length, 1, `${algorithm}: ${statesOf(keys)}`)
  }
}

/** A token of the active key, checked with what the key set shows of it. */
const checkSigning = (rotation: TestRotation, key: SigningKey): void => {
  const token = signToken(loadSigningKey(key, rotation.masterKey), 'rfc9068', { sub: 'a' })
  const [header, claims, signature = ''] = token.split('.')
  const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
  const encoding = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  const input = Buffer.from(`${header}.${claims}`)
  assert.ok(verify('sha256', input, encoding, Buffer.from(signature, 'base64url')))
}

interface Killed {
  readonly death: Death
  /** Instants that were rotated at in peace before. */
  readonly before: readonly number[]
  /** What the killed process left. */
  readonly left: string
}

const announcing = { atMs: announceMs, before: [0] } as const
const activating = { atMs: activateMs, before: [0, announceMs] } as const
const removing = { atMs: removeMs, before: [0, announceMs, activateMs] } as const

/** ES256 comes first, so the keys of RS256 are still as they were. */
const killed = (
  [instant, when, count]: readonly [
    { readonly atMs: number; readonly before: readonly number[] },
    Death['when'],
    number,
  ],
  left: string,
): Killed => ({ death: { atMs: instant.atMs, when, count }, before: instant.before, left })

const rounds: readonly Killed[] = [
  killed([announcing, 'written', 1], 'ES256 active, RS256 active'),
  killed([announcing, 'committed', 1], 'ES256 active, ES256 announced, RS256 active'),
  killed([announcing, 'written', 2], 'ES256 active, ES256 announced, RS256 active'),
  killed([announcing, 'committed', 2], 'ES256 active, ES256 published, RS256 active'),
  killed(
    [activating, 'written', 1],
    'ES256 active, ES256 published, RS256 active, RS256 published',
  ),
  killed(
    [activating, 'committed', 1],
    'ES256 active, ES256 retired, RS256 active, RS256 published',
  ),
  killed(
    [removing, 'committed', 1],
    'ES256 active, ES256 announced, ES256 retired, RS256 active, RS256 retired',
  ),
]

describe('keys rotate, and a killed process costs no step', () => {
  it('counts a key as published from the transaction that publishes it, not from before', () =>
    inDirectory(async (directory) => {
      await rotateAt(directory, 0)
      await opened(directory, async (rotation) => {
        // it sleeps between deciding that a key is to be published and the transaction
        const publishing = 5
        let asked = 0
        await rotation.rotate(() => {
          asked += 1
          return asked < publishing ? announceMs : activateMs
        })
        const both = 'ES256 active, ES256 published, RS256 active, RS256 published'
        assert.equal(statesOf(await rotation.keys()), both)
      })
    }))

  it('announces, publishes, waits, activates and retires, and removes at last', () =>
    inDirectory((directory) =>
      opened(directory, async (rotation) => {
        await rotation.rotate(0)
        assert.equal(statesOf(await rotation.keys()), 'ES256 active, RS256 active')
        const first = kidOf(await rotation.keys(), 'ES256', 'active')
        await rotation.rotate(announceMs - 1)
        assert.equal(statesOf(await rotation.keys()), 'ES256 active, RS256 active')
        await rotation.rotate(announceMs)
        const next = kidOf(await rotation.keys(), 'ES256', 'published')
        await rotation.rotate(activateMs - 1)
        assert.equal(kidOf(await rotation.keys(), 'ES256', 'active'), first)
        await rotation.rotate(activateMs)
        assert.equal(kidOf(await rotation.keys(), 'ES256', 'active'), next)
        assert.equal(kidOf(await rotation.keys(), 'ES256', 'retired'), first)
        await rotation.rotate(removeMs + testPolicy.publishLeadMs)
        const kids = (await rotation.keys()).map(({ kid }) => kid)
        assert.ok(!kids.includes(first), 'the first key is still there')
      }),
    ))

  for (const { death, before, left } of rounds) {
    it(`kill -9 at ${death.atMs} ms, ${death.when} ${death.count}: goes on from "${left}"`, () =>
      inDirectory(async (directory) => {
        await rotateAt(directory, ...before)
        await dieRotating(directory, death)
        await opened(directory, async (rotation) => {
          const found = await rotation.keys()
          assert.equal(statesOf(found), left)
          checkKeys(found)
          for (const key of found) checkSigning(rotation, key)
          await rotation.rotate(death.atMs)
          const resumed = await rotation.keys()
          checkKeys(resumed)
          assert.equal(statesOf(resumed), await undisturbed([...before, death.atMs]))
          // Nothing that may have signed a living token has gone.
          const kids = new Set(resumed.map(({ kid }) => kid))
          if (death.atMs < removeMs) for (const { kid } of found) assert.ok(kids.has(kid), kid)
        })
      }))
  }
})

/** What a server that was never killed comes to at the same instants. */
const undisturbed = async (instants: readonly number[]): Promise<string> => {
  let states = ''
  await inDirectory(async (directory) => {
    await rotateAt(directory, ...instants)
    states = await opened(directory, async (rotation) => statesOf(await rotation.keys()))
  })
  return states
}
