import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateLimitFields } from './ratelimit-fields.ts'

test('quotas are two lists of structured fields, in the same order', () => {
  const minute = { name: 'client-minute', quota: 100, windowSeconds: 60, left: 7, resetSeconds: 12 }
  const day = { name: 'api-day', quota: 9000, windowSeconds: 86_400, left: 0, resetSeconds: 3600 }
  assert.deepEqual(rateLimitFields([minute, day]), {
    'RateLimit-Policy': '"client-minute";q=100;w=60, "api-day";q=9000;w=86400',
    RateLimit: '"client-minute";r=7;t=12, "api-day";r=0;t=3600',
  })
  assert.deepEqual(rateLimitFields([]), {})
})
