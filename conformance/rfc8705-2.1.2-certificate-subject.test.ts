import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import { askSecurely } from './kit/ask.ts'
import {
  type AlternativeName,
  type Certificate,
  type CertificateWish,
  makeAuthority,
  makeCertificate,
  type Name,
  nameOf,
} from './kit/certificate.ts'
import { clientCertificate, makeClient } from './kit/fixtures.ts'
import type { Answer, Shown } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()

const askAs = (client: Client, shown: Shown): Promise<Answer> =>
  askSecurely(domain, { client_id: client.clientId }, { shown })

const clientWith = (kind: string, value: string): Promise<Client> =>
  makeClient(domain, { methods: ['tls_client_auth'], certificateSubject: { kind, value } })

/** What is registered, what the certificate says, and whether that is the same name. */
type Case = readonly [what: string, registered: string, wish: CertificateWish, same: boolean]

const judge = async (kind: string, cases: readonly Case[]): Promise<void> => {
  for (const [what, registered, wish, same] of cases) {
    const client = await clientWith(kind, registered)
    const answer = await askAs(client, clientCertificate(domain, wish).shown)
    const came = answer.status === 200
    assert.equal(came, same, `${what}: ${registered} answered ${answer.status} ${answer.text}`)
    if (same) assertOk(answer)
    else assertE401(answer)
  }
}

const example = nameOf(['O', 'Example'], ['CN', 'orders-worker'])
const subject = (...pairs: readonly (readonly [string, string])[]): CertificateWish => ({
  subject: nameOf(...pairs),
})
const encoded = (type: string, value: string, encoding: 'utf8' | 'printable'): Name[number] => [
  { type, value, encoding },
]
const alternatively = (...alternatives: readonly AlternativeName[]): CertificateWish => ({
  subject: example,
  alternatives,
})

describe('the name in a certificate', () => {
  it('MT-05 subjects are compared as names, not as text', () =>
    judge('subject_dn', [
      ['the same', 'CN=orders-worker,O=Example', { subject: example }, true],
      ['other spacing', 'CN=orders-worker, O=Example', { subject: example }, true],
      ['types in another case', 'cn=orders-worker,o=Example', { subject: example }, true],
      ['values in another case', 'CN=Orders-Worker,O=EXAMPLE', { subject: example }, true],
      ['types as numbers', '2.5.4.3=orders-worker,2.5.4.10=Example', { subject: example }, true],
      ['escaped comma', 'CN=a\\, b,O=Example', subject(['O', 'Example'], ['CN', 'a, b']), true],
      ['escaped in hexadecimal', 'CN=a\\2c b', subject(['CN', 'a, b']), true],
      [
        'another string type',
        'CN=orders-worker,O=Example',
        { subject: [encoded('O', 'Example', 'printable'), encoded('CN', 'orders-worker', 'utf8')] },
        true,
      ],
      [
        'several attributes in one part, as a set',
        'OU=b+CN=a,O=Example',
        {
          subject: [
            [{ type: 'O', value: 'Example' }],
            [
              { type: 'CN', value: 'a' },
              { type: 'OU', value: 'b' },
            ],
          ],
        },
        true,
      ],
      ['swapped parts', 'O=Example,CN=orders-worker', { subject: example }, false],
      ['a part less', 'CN=orders-worker', { subject: example }, false],
      ['a part more', 'CN=orders-worker,O=Example,C=DE', { subject: example }, false],
      ['a beginning', 'CN=a', subject(['CN', 'ab']), false],
      ['a longer one', 'CN=ab', subject(['CN', 'a']), false],
      ['a comma in the value', 'CN=a,O=Example', subject(['CN', 'a,O=Example']), false],
      ['a plus in the value', 'CN=a+OU=b', subject(['CN', 'a+OU=b']), false],
      ['another type', 'O=a', subject(['CN', 'a']), false],
      ['NUL inside', 'CN=a', subject(['CN', 'a\0b']), false],
      ['one part for two', 'CN=a+OU=b', subject(['OU', 'b'], ['CN', 'a']), false],
    ]))

  it('MT-06 a DNS name matches whole, in any case', () =>
    judge('san_dns', [
      ['the same', 'a.example', alternatively({ kind: 'dns', value: 'a.example' }), true],
      ['another case', 'A.Example', alternatively({ kind: 'dns', value: 'a.eXAMPLE' }), true],
      [
        'one of several',
        'a.example',
        alternatively({ kind: 'dns', value: 'b.example' }, { kind: 'dns', value: 'a.example' }),
        true,
      ],
      ['a wildcard', 'a.example', alternatively({ kind: 'dns', value: '*.example' }), false],
      ['a name below', 'example', alternatively({ kind: 'dns', value: 'a.example' }), false],
      ['a final dot', 'a.example', alternatively({ kind: 'dns', value: 'a.example.' }), false],
      ['NUL inside', 'a.example', alternatively({ kind: 'dns', value: 'a.example\0.evil' }), false],
      ['only the common name', 'a.example', subject(['CN', 'a.example']), false],
      ['a URI', 'a.example', alternatively({ kind: 'uri', value: 'a.example' }), false],
    ]))

  it('MT-07 a URI matches exactly', () =>
    judge('san_uri', [
      ['the same', 'https://x/A/b', alternatively({ kind: 'uri', value: 'https://x/A/b' }), true],
      ['a workload', 'spiffe://x/w', alternatively({ kind: 'uri', value: 'spiffe://x/w' }), true],
      [
        'another case',
        'https://x/A/b',
        alternatively({ kind: 'uri', value: 'https://x/a/b' }),
        false,
      ],
      [
        'a slash more',
        'https://x/A/b',
        alternatively({ kind: 'uri', value: 'https://x/A/b/' }),
        false,
      ],
      [
        'host in another case',
        'https://x/',
        alternatively({ kind: 'uri', value: 'https://X/' }),
        false,
      ],
      ['encoded', 'https://x/~', alternatively({ kind: 'uri', value: 'https://x/%7E' }), false],
    ]))

  it('MT-08 an address matches in binary', () =>
    judge('san_ip', [
      [
        'another spelling',
        '2001:DB8::1',
        alternatively({ kind: 'ip', value: '2001:db8:0:0:0:0:0:1' }),
        true,
      ],
      ['the same', '10.0.0.1', alternatively({ kind: 'ip', value: '10.0.0.1' }), true],
      [
        'mapped into IPv6',
        '::ffff:10.0.0.1',
        alternatively({ kind: 'ip', value: '10.0.0.1' }),
        false,
      ],
      ['another', '10.0.0.1', alternatively({ kind: 'ip', value: '10.0.0.2' }), false],
      ['as a DNS name', '10.0.0.1', alternatively({ kind: 'dns', value: '10.0.0.1' }), false],
      ['in the subject', '10.0.0.1', subject(['CN', '10.0.0.1']), false],
    ]))

  it('MT-09 a mail address: host in any case, the rest exact', () =>
    judge('san_email', [
      ['the same', 'w@a.example', alternatively({ kind: 'email', value: 'w@a.example' }), true],
      [
        'host in another case',
        'w@A.Example',
        alternatively({ kind: 'email', value: 'w@a.eXample' }),
        true,
      ],
      [
        'name in another case',
        'w@a.example',
        alternatively({ kind: 'email', value: 'W@a.example' }),
        false,
      ],
      [
        'another host',
        'w@a.example',
        alternatively({ kind: 'email', value: 'w@b.example' }),
        false,
      ],
      ['only in the subject', 'w@a.example', subject(['emailAddress', 'w@a.example']), false],
      ['only the host', 'w@a.example', alternatively({ kind: 'email', value: 'a.example' }), false],
    ]))
})

describe('the chain behind a certificate', () => {
  const commonName = 'chained'
  const dayMs = 86_400_000
  const leaf = (wish: Partial<CertificateWish> = {}): Certificate =>
    makeCertificate({
      subject: nameOf(['CN', commonName]),
      issuer: domain.clientAuthority,
      purposes: ['clientAuth'],
      ...wish,
    })
  const shown = (certificate: Certificate, ...above: readonly Certificate[]): Shown => ({
    cert: [certificate, ...above].map(({ pem }) => pem).join(''),
    key: certificate.keyPem,
  })
  const intermediate = (wish: Partial<CertificateWish> = {}) =>
    makeAuthority('Intermediate', { issuer: domain.clientAuthority, ...wish })

  const good = (): Record<string, Shown> => {
    const middle = intermediate()
    const second = makeAuthority('Second intermediate', { issuer: middle })
    const named = intermediate({ permittedDns: ['example'] })
    const inside = [{ kind: 'dns', value: 'a.example' }] as const
    return {
      'straight from the authority': shown(leaf()),
      'through one authority between': shown(leaf({ issuer: middle }), middle),
      'through two': shown(leaf({ issuer: second }), second, middle),
      'without purposes': shown(
        makeCertificate({ subject: nameOf(['CN', commonName]), issuer: domain.clientAuthority }),
      ),
      'inside the names its authority may give': shown(
        leaf({ issuer: named, alternatives: inside }),
        named,
      ),
    }
  }

  const bad = (): Record<string, Shown> => {
    const stranger = makeAuthority('Conformance client authority')
    const short = intermediate({ authority: 0 })
    const below = makeAuthority('Below', { issuer: short })
    const noAuthority = leaf({ subject: nameOf(['CN', 'no authority']) })
    const named = intermediate({ permittedDns: ['example'] })
    const outside = [{ kind: 'dns', value: 'a.elsewhere' }] as const
    const over = intermediate({
      notBefore: new Date(Date.now() - 3 * dayMs),
      notAfter: new Date(Date.now() - dayMs),
    })
    const middle = intermediate()
    const weak = makeAuthority('Weak intermediate', {
      issuer: domain.clientAuthority,
      digest: 'sha1',
    })
    return {
      'an authority of the same name': shown(leaf({ issuer: stranger }), stranger),
      'self-signed': shown(makeCertificate({ subject: nameOf(['CN', commonName]) })),
      expired: shown(
        leaf({
          notAfter: new Date(Date.now() - dayMs),
          notBefore: new Date(Date.now() - 2 * dayMs),
        }),
      ),
      'not yet valid': shown(leaf({ notBefore: new Date(Date.now() + dayMs) })),
      'itself an authority': shown(leaf({ authority: true })),
      'an authority that may sign anything': shown(leaf({ authority: true, signsAnything: true })),
      'for servers only': shown(leaf({ purposes: ['serverAuth'] })),
      'for signing code': shown(leaf({ purposes: ['codeSigning'] })),
      'below a path that is too long': shown(leaf({ issuer: below }), below, short),
      'from a certificate that is no authority': shown(leaf({ issuer: noAuthority }), noAuthority),
      'outside the names its authority may give': shown(
        leaf({ issuer: named, alternatives: outside }),
        named,
      ),
      'from an expired authority': shown(leaf({ issuer: over }), over),
      'signed with SHA-1': shown(leaf({ digest: 'sha1' })),
      'below an authority signed with SHA-1': shown(leaf({ issuer: weak }), weak),
      'without the authority between': shown(leaf({ issuer: middle })),
    }
  }

  it('MT-10 the chain is good to its anchor', async () => {
    const client = await clientWith('subject_dn', `CN=${commonName}`)
    for (const [what, certificate] of Object.entries(good())) {
      const answer = await askAs(client, certificate)
      assert.equal(answer.status, 200, `${what}: ${answer.text}`)
    }
    for (const [what, certificate] of Object.entries(bad())) {
      let answer: Answer
      try {
        answer = await askAs(client, certificate)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        assert.match(String(code), /^(?:ERR_SSL|ERR_OSSL|ECONNRESET|EPIPE)/, `${what}: ${error}`)
        continue
      }
      assert.equal(answer.status, 401, `${what}: ${answer.text}`)
      assertE401(answer)
    }
  })
})
