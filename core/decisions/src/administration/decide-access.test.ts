import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import { scopesOfBuiltInRole, seedDomain } from './built-in-application.ts'
import { administrationEndpoints, builtInRoleByName, builtInRoles } from './built-in-roles.ts'
import { decideAccess, decideConferral, decideReach, mayUse } from './decide-access.ts'
import { administratorWith, domain, seed } from './example-administration.ts'

/** Role → endpoints it may read / change, written out: the cells not named here are closed. */
const open: Readonly<Record<string, { read: string; change: string }>> = {
  'Identity Domain Administrator': {
    read: administrationEndpoints.join(' '),
    change: administrationEndpoints.join(' '),
  },
  'Application Administrator': {
    read:
      'Apps AppRoles Grants AppStatusChanger AppClientSecretRegenerator ' +
      'OAuth2ClientCredentials OAuthClientCertificates SigningCert Users Groups CustomClaims ' +
      `OAuthPartnerCertificates Asserter`,
    change:
      'Apps AppRoles Grants AppStatusChanger AppClientSecretRegenerator OAuthClientCertificates ' +
      'OAuth2ClientCredentials Asserter',
  },
  'Security Administrator': {
    read:
      'Apps AppRoles Grants OAuthClientCertificates Settings SigningCert Users Groups ' +
      'OAuth2ClientCredentials ' +
      `CustomClaims OAuthPartnerCertificates Asserter`,
    change: 'Settings CustomClaims Asserter',
  },
  'Audit Administrator': {
    read:
      'Apps AppRoles Grants Settings SigningCert Users Groups CustomClaims ' +
      'OAuth2ClientCredentials ' +
      `OAuthPartnerCertificates`,
    change: '',
  },
  'User Administrator': {
    read: `Apps AppClientSecretRegenerator Users Groups Asserter`,
    change: 'AppClientSecretRegenerator Users Groups Asserter',
  },
  'User Manager': { read: `Users Groups`, change: 'Users' },
  'Help Desk Administrator': { read: `Users Groups`, change: '' },
  'Authenticated Client': { read: `Apps AppRoles Grants SigningCert`, change: '' },
  'Authenticator Client': { read: 'Asserter SigningCert', change: 'Asserter' },
  'Cloud Gate': { read: 'Asserter SigningCert', change: 'Asserter' },
}

test('every cell of role × endpoint × method', () => {
  let cells = 0
  for (const { name } of builtInRoles) {
    const row = open[name] ?? { read: '', change: '' }
    for (const endpoint of administrationEndpoints) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        const reading = method === 'GET' || method === 'HEAD'
        const expected = (reading ? row.read : row.change).split(' ').includes(endpoint)
        assert.equal(mayUse([name], endpoint, method), expected, `${name} ${method} ${endpoint}`)
        cells++
      }
    }
  }
  assert.equal(cells, 21 * 14 * 6)
})

test('roles add up, unknown ones give nothing, and the refusal names what is held', () => {
  const both = administratorWith('Audit Administrator', 'User Administrator')
  assert.ok(decideAccess(both, 'Settings', 'GET').ok)
  assert.ok(decideAccess(both, 'AppClientSecretRegenerator', 'POST').ok)
  assert.ok(decideAccess(both, 'Bulk', 'POST').ok)
  assert.ok(!decideAccess(administratorWith('Audit Administrator'), 'Bulk', 'POST').ok)
  const stranger = decideAccess(administratorWith('__proto__', 'Root'), 'Apps', 'GET')
  assert.ok(!stranger.ok)
  assert.equal(stranger.failure.reason, 'ACCESS_DENIED')
  assert.match(stranger.failure.why ?? '', /Root/)
})

const role = (name: string) => {
  const found = seed.roles.find((each) => each.displayName === name)
  assert.ok(found)
  return found
}

const conferrals: readonly [holds: string[], role: string, may: boolean][] = [
  [['Identity Domain Administrator'], 'Security Administrator', true],
  [['Identity Domain Administrator'], 'Identity Domain Administrator', true],
  [['Application Administrator'], 'Application Administrator', true],
  [['Application Administrator'], 'Identity Domain Administrator', false],
  [['Application Administrator'], 'Audit Administrator', false],
  [['Application Administrator'], 'Me', false],
  [[], 'Me', false],
]

test('nobody confers a role of the domain that it does not hold', () => {
  for (const [holds, name, may] of conferrals) {
    const result = decideConferral(administratorWith(...holds), role(name))
    assert.equal(result.ok, may, `${holds.join()} gives ${name}`)
  }
  const ordinary = { ...role('Me'), builtIn: false }
  assert.ok(decideConferral(administratorWith('Application Administrator'), ordinary).ok)
})

const reaches: readonly [holds: string[], application: string[], may: boolean][] = [
  [['Application Administrator'], [], true],
  [['Application Administrator'], ['Application Administrator'], true],
  [['Application Administrator'], ['Authenticated Client'], true],
  [['Application Administrator'], ['User Administrator'], false],
  [['User Administrator'], ['User Manager'], true],
  [['User Manager'], ['User Administrator'], false],
  [['User Manager'], ['Help Desk Administrator'], true],
  [['Application Administrator'], ['Security Administrator'], false],
  [['Application Administrator'], ['Identity Domain Administrator'], false],
  [['Application Administrator'], ['Authenticator Client'], true],
  [['Application Administrator'], ['Signin'], false],
  [['User Administrator'], ['Application Administrator'], false],
  [['Identity Domain Administrator'], ['Identity Domain Administrator', 'Me'], true],
]

test('nobody takes over an application that may more than itself', () => {
  for (const [holds, held, may] of reaches) {
    const result = decideReach(administratorWith(...holds), { displayName: 'X' }, held)
    assert.equal(result.ok, may, `${holds.join()} changes an application with ${held.join()}`)
  }
})

test('the built-in application: one scope for each power, ids that never change', () => {
  const { application, roles } = seedDomain({ id: domain, displayName: '', createdAtMs: 0 }, 7)
  assert.equal(application.id, builtInApplicationId)
  assert.equal(application.resourceServer?.audience, `urn:opc:lbaas:logicalguid=${domain}`)
  assert.equal(application.client, null)
  assert.equal(roles.length, 21)
  assert.equal(new Set(roles.map(({ id }) => id)).size, 21)
  const defined = new Set(application.resourceServer?.scopes.map(({ value }) => value))
  for (const each of roles) {
    assert.match(each.id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
    const digest = createHash('sha256').update(`mintmark:role:${each.displayName}`).digest('hex')
    assert.equal(each.id.slice(0, 12), digest.slice(0, 12), each.displayName)
    assert.ok(each.conferredScopes.every((value) => defined.has(value)))
  }
  const audit = builtInRoleByName.get('Audit Administrator')
  assert.ok(audit)
  assert.deepEqual(scopesOfBuiltInRole(audit), [
    'urn:opc:idm:t.app_r',
    'urn:opc:idm:t.approle_r',
    'urn:opc:idm:t.grant_r',
    'urn:opc:idm:t.oauth2clientcred_r',
    'urn:opc:idm:t.settings_r',
    'urn:opc:idm:t.signingcert_r',
    'urn:opc:idm:t.user_r',
    'urn:opc:idm:t.group_r',
    'urn:opc:idm:t.customclaim_r',
    'urn:opc:idm:t.oauthpartnercert_r',
  ])
})
