import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, audiencesOf, curlOfCall } from './imagine-call.ts'

test('a call to paste is safe in a shell, and says its method where it must', () => {
  const wish = { token: 'a.b.c', method: 'GET', url: "https://api.example/it's" }
  equal(
    curlOfCall(wish),
    "curl -i 'https://api.example/it'\\''s' \\\n  -H 'Authorization: Bearer a.b.c'",
  )
  equal(curlOfCall({ ...wish, method: 'PUT' }).slice(0, 14), 'curl -i -X PUT')
})

test('an API is where its audience says, if that is an address', () => {
  equal(addressOf('https://orders.example/'), 'https://orders.example/')
  equal(addressOf('urn:stock:'), 'https://api.example/')
  equal(addressOf('javascript:alert(1)'), 'https://api.example/')
  deepEqual(audiencesOf({ aud: 'a' }), ['a'])
  deepEqual(audiencesOf({ aud: ['a', 1, ''] }), ['a'])
  deepEqual(audiencesOf({}), [])
})
