import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import { decideActivation } from './decide-activation.ts'
import {
  decideCertificateCreation,
  decideCertificateDeletion,
  decideSecretEnd,
  decideSecretRegeneration,
} from './decide-credential-change.ts'
import { applicationOf, client, domain, orders, seed, stampOf } from './example-administration.ts'

const alone = (heldBuiltInRoles: string[]) => ({ heldBuiltInRoles, otherDomainAdministrators: 0 })
const stamp = stampOf('Application Administrator')
const billing = applicationOf({ displayName: 'Billing', client: client() })
const secretOf = (id: string, members: Partial<ClientSecret> = {}): ClientSecret => ({
  kind: 'secret',
  domain,
  id,
  applicationId: billing.id,
  label: id,
  origin: 'minted',
  digest: id,
  sealed: null,
  ending: 'abc',
  createdAtMs: 1,
  expiresAtMs: null,
  endsAtMs: null,
  ...members,
})
const fresh = {
  id: 'new',
  origin: 'minted' as const,
  digest: 'new',
  sealed: null,
  ending: 'xyz',
  label: '',
  expiresAtMs: null,
}
const wish = { overlapSeconds: 0, keepOthers: false, revokeTokens: false, secret: fresh }

const regenerate = (secrets: readonly ClientSecret[], more: Partial<typeof wish> = {}) =>
  decideSecretRegeneration(billing, { secrets, heldBuiltInRoles: [] }, { ...wish, ...more }, stamp)

const endsOf = (result: ReturnType<typeof regenerate>) => {
  assert.ok(result.ok)
  return result.value.steps.flatMap((step) =>
    step.step === 'put-secret' ? [[step.secret.id, step.secret.endsAtMs]] : [],
  )
}

const endsTokens = (result: ReturnType<typeof regenerate>) =>
  result.ok && result.value.steps.some((step) => step.step === 'put-revocation')

test('decision 19: without overlap every older secret ends at once', () => {
  const ended = secretOf('c', { endsAtMs: 5 })
  assert.deepEqual(
    endsOf(regenerate([secretOf('a'), secretOf('b', { endsAtMs: 2_000_000 }), ended])),
    [
      ['a', 1_000_000],
      ['b', 1_000_000],
      ['new', null],
    ],
  )
})

test('with overlap they end when it is over, and none lives longer than before', () => {
  const secrets = [secretOf('a'), secretOf('b', { endsAtMs: 1_000_500 })]
  assert.deepEqual(endsOf(regenerate(secrets, { overlapSeconds: 60 })), [
    ['a', 1_060_000],
    ['new', null],
  ])
})

test('at most five live at the same time; without overlap there is always room', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((id) => secretOf(id))
  const sixth = regenerate(five, { overlapSeconds: 1 })
  assert.equal(!sixth.ok && sixth.failure.reason, 'TOO_MANY_SECRETS')
  assert.ok(regenerate(five).ok)
  const expired = five.map((each) => ({ ...each, expiresAtMs: 10 }))
  assert.ok(regenerate(expired, { overlapSeconds: 1 }).ok)
})

test('ended secrets are kept, the newest twenty of them', () => {
  const old = Array.from({ length: 25 }, (_, at) =>
    secretOf(`s${at}`, { endsAtMs: 1, createdAtMs: at }),
  )
  const result = regenerate(old)
  assert.ok(result.ok)
  const gone = result.value.steps.flatMap((step) =>
    step.step === 'delete-secret' ? [step.id] : [],
  )
  assert.deepEqual(gone, ['s4', 's3', 's2', 's1', 's0'])
})

test('decision 20: rotation ends tokens only when asked', () => {
  assert.ok(!endsTokens(regenerate([])))
  assert.ok(endsTokens(regenerate([], { revokeTokens: true })))
})

test('who has no secret, or may not be given one', () => {
  const attempts: readonly [typeof billing, string[], number, string][] = [
    [orders, [], 0, 'NOT_A_CLIENT'],
    [applicationOf({ client: client({ clientType: 'public' }) }), [], 0, 'NOT_A_CLIENT'],
    [seed.application, [], 0, 'BUILT_IN'],
    [billing, ['Identity Domain Administrator'], 0, 'APPLICATION_OUT_OF_REACH'],
    [billing, [], -1, 'VALUE_INVALID'],
    [billing, [], 7_776_001, 'VALUE_INVALID'],
  ]
  for (const [application, heldBuiltInRoles, overlapSeconds, reason] of attempts) {
    const view = { secrets: [], heldBuiltInRoles }
    const result = decideSecretRegeneration(application, view, { ...wish, overlapSeconds }, stamp)
    assert.equal(!result.ok && result.failure.reason, reason)
  }
})

test('one more secret leaves the others as they are, and needs room', () => {
  const live = [secretOf('a'), secretOf('b', { endsAtMs: 2_000_000 })]
  assert.deepEqual(endsOf(regenerate(live, { keepOthers: true })), [['new', null]])
  const five = ['a', 'b', 'c', 'd', 'e'].map((id) => secretOf(id))
  const sixth = regenerate(five, { keepOthers: true })
  assert.equal(!sixth.ok && sixth.failure.reason, 'TOO_MANY_SECRETS')
  const both = regenerate([], { keepOthers: true, overlapSeconds: 60 })
  assert.equal(!both.ok && both.failure.reason, 'VALUE_INVALID')
})

const endSecret = (
  secrets: readonly ClientSecret[],
  view: Partial<Parameters<typeof decideSecretEnd>[1]> = {},
  revokeTokens = false,
) => {
  const whole = {
    secrets,
    heldBuiltInRoles: [],
    otherDomainAdministrators: 0,
    certificates: 0,
    ...view,
  }
  const by = stampOf(...(view.heldBuiltInRoles ?? ['Application Administrator']))
  return decideSecretEnd(billing, whole, { id: 'a', revokeTokens }, by)
}

test('one secret ends, and nothing else does', () => {
  const live = [secretOf('a'), secretOf('b')]
  assert.deepEqual(endsOf(endSecret(live)), [['a', 1_000_000]])
  assert.ok(!endsTokens(endSecret(live)))
  assert.ok(endsTokens(endSecret(live, {}, true)))
  assert.deepEqual(endsOf(endSecret([secretOf('a')])), [['a', 1_000_000]])
})

test('a secret that has ended stays so; a foreign one is not there', () => {
  const ended = endSecret([secretOf('a', { endsAtMs: 5 })])
  assert.ok(ended.ok)
  assert.deepEqual(ended.value.steps, [])
  const foreign = endSecret([secretOf('b')])
  assert.equal(!foreign.ok && foreign.failure.reason, 'RESOURCE_NOT_FOUND')
})

test('the last administrator keeps its last secret, unless it has another proof', () => {
  const heldBuiltInRoles = ['Identity Domain Administrator']
  const last = endSecret([secretOf('a')], { heldBuiltInRoles })
  assert.equal(!last.ok && last.failure.reason, 'LAST_ADMINISTRATOR')
  assert.ok(endSecret([secretOf('a'), secretOf('b')], { heldBuiltInRoles }).ok)
  assert.ok(endSecret([secretOf('a')], { heldBuiltInRoles, otherDomainAdministrators: 1 }).ok)
  assert.ok(endSecret([secretOf('a')], { heldBuiltInRoles, certificates: 1 }).ok)
  const view = { secrets: [secretOf('a')], heldBuiltInRoles, otherDomainAdministrators: 1 }
  const wished = { id: 'a', revokeTokens: false }
  const above = decideSecretEnd(billing, { ...view, certificates: 0 }, wished, stamp)
  assert.equal(!above.ok && above.failure.reason, 'APPLICATION_OUT_OF_REACH')
})

test('decision 20: deactivation ends tokens, activation does not wake them', () => {
  const off = decideActivation(billing, false, alone([]), stamp)
  assert.ok(off.ok)
  assert.deepEqual(
    off.value.change.steps.map((step) => step.step),
    ['put-application', 'put-revocation'],
  )
  assert.equal(off.value.application.version, 4)
  const on = decideActivation(off.value.application, true, alone([]), stamp)
  assert.ok(on.ok)
  assert.deepEqual(
    on.value.change.steps.map((step) => step.step),
    ['put-application'],
  )
  const again = decideActivation(billing, true, alone([]), stamp)
  assert.ok(again.ok)
  assert.deepEqual(again.value.change.steps, [])
  assert.ok(!decideActivation(seed.application, false, alone([]), stamp).ok)
  assert.ok(!decideActivation(billing, false, alone(['Security Administrator']), stamp).ok)
})

const bytes = { der: 'MII', x5t: 'a', x5tS256: 'b', notBeforeMs: 0, notAfterMs: 2_000_000 }
const stored = { id: 'c', alias: 'other', ...bytes } as ClientCertificate

test('a certificate: alias and bytes each once, and not expired', () => {
  const none = { sameAlias: null, sameBytes: null }
  const made = decideCertificateCreation({ alias: 'x', ...bytes }, none, stamp)
  assert.ok(made.ok)
  assert.equal(made.value.certificate.id, stamp.id)
  const refusals: readonly [Partial<typeof bytes & { alias: string }>, object, string][] = [
    [{ alias: ' ' }, none, 'VALUE_INVALID'],
    [{ alias: 'x' }, { ...none, sameAlias: stored }, 'VALUE_TAKEN'],
    [{ alias: 'x' }, { ...none, sameBytes: stored }, 'VALUE_TAKEN'],
    [{ alias: 'x', notAfterMs: 999_999 }, none, 'CERTIFICATE_UNREADABLE'],
  ]
  for (const [wished, view, reason] of refusals) {
    const result = decideCertificateCreation(
      { alias: 'x', ...bytes, ...wished },
      view as typeof none,
      stamp,
    )
    assert.equal(!result.ok && result.failure.reason, reason)
  }
  assert.ok(decideCertificateDeletion(stored, []).ok)
  const used = decideCertificateDeletion(stored, ['Billing'])
  assert.ok(!used.ok)
  assert.match(used.failure.why ?? '', /Billing/)
})
