import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AttentionRecord, attentionLines } from './overview.ts'

const nowMs = Date.parse('2026-11-21T12:00:00Z')
const here = { issuer: 'https://a.example', origin: 'https://a.example', nowMs }
const record = (more: Partial<AttentionRecord>): AttentionRecord => ({
  kind: 'all-denied',
  application: { id: '1', displayName: 'Billing' },
  count: null,
  reason: null,
  label: null,
  at: null,
  ...more,
})
const said = (more: Partial<AttentionRecord>) => attentionLines([record(more)], null, here)[0]

describe('what needs attention', () => {
  it('leads to where it is mended', () => {
    deepEqual(said({ kind: 'expires', label: 'blue', at: '2026-11-24T12:00:00Z' }), {
      subject: 'Billing',
      says: 'Its secret blue ends in 3 days.',
      href: '/applications/1?tab=credentials',
      does: 'Rotate',
    })
    equal(said({ kind: 'expires', application: null, label: 'ca' })?.href, '/certificates')
    match(said({ count: 1, reason: 'OLD_SECRET' })?.says ?? '', /Refused once .*: OLD_SECRET\./)
    match(said({ kind: 'inactive-but-asking', count: 3 })?.says ?? '', /3 times/)
    match(said({ kind: 'unused' })?.says ?? '', /never used, and not in 90 days/)
    match(said({ kind: 'unused', at: '2026-07-01T00:00:00Z' })?.says ?? '', /last used .* ago/)
  })
  it('is an issuer that is not where this page is from', () => {
    equal(attentionLines([], null, here).length, 0)
    const [line] = attentionLines([], null, { ...here, origin: 'http://10.0.0.1:8480' })
    equal(line?.subject, 'Issuer')
  })
  it('is a signing key whose next step is overdue', () => {
    const key = (at: string) => ({
      kid: 'k',
      algorithm: 'ES256' as const,
      state: 'active' as const,
      created: '',
      since: '',
      next: { step: 'replace' as const, at },
    })
    const policy = {
      rotateAfterSeconds: 1,
      publishLeadSeconds: 1,
      keepRetiredSeconds: 1,
      keySetMaxAgeSeconds: 1,
    }
    const lines = (at: string) => attentionLines([], { keys: [key(at)], policy }, here)
    equal(lines('2026-11-21T10:00:00Z')[0]?.subject, 'Signing key k')
    deepEqual(lines('2026-11-22T10:00:00Z'), [])
  })
})
