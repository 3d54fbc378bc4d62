import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInRoles } from './built-in-roles.ts'
import { decideReach } from './decide-access.ts'
import { decideHappeningAccess, happeningEndpoints, mayBeTold } from './decide-happening-access.ts'
import { administratorWith } from './example-administration.ts'

const told: Readonly<Record<string, string>> = {
  'Identity Domain Administrator':
    'access audit backup decisions domain-file health keys overview preview requests revocations ' +
    'sessions settings tokens usage',
  'Security Administrator':
    'access audit decisions health keys overview requests revocations settings tokens usage',
  'Audit Administrator': 'access audit decisions health overview requests revocations usage',
  'Application Administrator':
    'access decisions overview preview requests revocations tokens usage',
  'Authenticator Client': 'revocations',
  'Cloud Gate': 'revocations',
}

test('every cell of role × endpoint', () => {
  for (const { name } of builtInRoles) {
    const expected = told[name] ?? ''
    const found = happeningEndpoints.filter((each) => mayBeTold([name], each)).join(' ')
    assert.equal(found, expected, name)
  }
})

test('who is denied is told what it holds and what it would take', () => {
  const denied = decideHappeningAccess(administratorWith('User Administrator'), 'audit')
  assert.ok(!denied.ok)
  assert.match(denied.failure.why ?? '', /User Administrator/)
  assert.match(denied.failure.fix ?? '', /Audit Administrator/)
  const stranger = decideHappeningAccess(administratorWith('__proto__'), 'preview')
  assert.ok(!stranger.ok)
})

test('nobody comes to know more by taking over an application within its reach', () => {
  for (const above of builtInRoles) {
    for (const below of builtInRoles) {
      const reach = decideReach(administratorWith(above.name), { displayName: 'x' }, [below.name])
      if (!reach.ok) continue
      for (const endpoint of happeningEndpoints) {
        if (!mayBeTold([below.name], endpoint)) continue
        assert.ok(mayBeTold([above.name], endpoint), `${above.name} > ${below.name}: ${endpoint}`)
      }
    }
  }
})
