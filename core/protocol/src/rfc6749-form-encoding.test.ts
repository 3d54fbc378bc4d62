import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  checkRepeats,
  decodeFormComponent,
  type Form,
  formParametersMax,
  parseForm,
} from './rfc6749-form-encoding.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const formOf = (text: string): Form => {
  const parsed = parseForm(bytesOf(text))
  assert.ok(parsed.ok, `${text} should parse`)
  return parsed.value
}

const readable: readonly [body: string, name: string, value: string | undefined][] = [
  ['grant_type=client_credentials&scope=a', 'scope', 'a'],
  ['scope=api:read+api:write', 'scope', 'api:read api:write'],
  ['scope=api:read%20api:write', 'scope', 'api:read api:write'],
  ['scope=a b', 'scope', 'a b'],
  ['scope=urn:opc:idm:__myscopes__', 'scope', 'urn:opc:idm:__myscopes__'],
  [
    'scope=https://h:443/urn:opc:resource:consumer::all',
    'scope',
    'https://h:443/urn:opc:resource:consumer::all',
  ],
  ['scope=', 'scope', undefined],
  ['scope', 'scope', undefined],
  ['scope=&scope=a', 'scope', 'a'],
  ['', 'scope', undefined],
  ['&&a=1&&b=2&', 'b', '2'],
  ['a=b=c', 'a', 'b=c'],
  ['=x', '', 'x'],
  ['Grant_Type=x', 'grant_type', undefined],
  ['client_secret=%2B%25%26%3D', 'client_secret', '+%&='],
  ['a=%C3%A9', 'a', 'é'],
  ['a=é', 'a', 'é'],
  ['a=%F0%9F%94%91', 'a', '🔑'],
  ['%61=1', 'a', '1'],
  ['__proto__=1', '__proto__', '1'],
  ['a=1', 'toString', undefined],
  ['a=%EF%BB%BFx', 'a', '\uFEFFx'],
]

for (const [body, name, value] of readable) {
  test(`form '${body}' has ${name} = ${value}`, () => {
    assert.equal(formOf(body).get(name), value)
  })
}

const broken: readonly [title: string, body: Uint8Array][] = [
  ['broken escape', bytesOf('scope=%zz')],
  ['truncated escape', bytesOf('scope=%4')],
  ['escape at the end', bytesOf('scope=%')],
  ['escaped bytes that are not UTF-8', bytesOf('scope=%ff')],
  ['overlong escape', bytesOf('scope=%C0%AF')],
  ['escaped surrogate', bytesOf('scope=%ED%A0%80')],
  ['broken name', bytesOf('sc%zzope=1')],
  ['escaped NUL', bytesOf('scope=a%00b')],
  ['raw NUL', bytesOf('scope=a\0b')],
  ['raw byte that is not UTF-8', Uint8Array.of(0x61, 0x3d, 0xff)],
  ['UTF-16', Uint8Array.of(0xfe, 0xff, 0x00, 0x61)],
  ['101 parameters', bytesOf('a=1&'.repeat(formParametersMax + 1))],
]

for (const [title, body] of broken) {
  test(`refused as BODY_MALFORMED: ${title}`, () => {
    const parsed = parseForm(body)
    assert.equal(!parsed.ok && parsed.failure.reason, 'BODY_MALFORMED')
  })
}

test('exactly 100 parameters are read', () => {
  assert.equal(formOf('a=1&'.repeat(formParametersMax)).names.length, formParametersMax)
})

test('the parser still reads after it refused', () => {
  assert.equal(parseForm(Uint8Array.of(0xc3)).ok, false)
  assert.equal(formOf('a=é').get('a'), 'é')
})

test('all values of a name, without the empty ones', () => {
  assert.deepEqual(formOf('resource=A&x=1&resource=&resource=B').all('resource'), ['A', 'B'])
  assert.deepEqual(formOf('a=1').all('resource'), [])
})

const singles = new Set(['scope', 'client_id', 'grant_type'])
const repeats: readonly [body: string, refused: string | null][] = [
  ['scope=a&scope=b', 'scope'],
  ['client_id=a&client_id=a', 'client_id'],
  ['scope=&scope=a', 'scope'],
  ['scope=a&%73cope=b', 'scope'],
  ['foo=1&foo=2', null],
  ['resource=A&resource=B&audience=C&audience=D', null],
  ['scope=a&grant_type=b', null],
  ['Scope=a&scope=b', null],
  ['', null],
]

for (const [body, refused] of repeats) {
  test(`repeats in '${body}': ${refused}`, () => {
    const refusal = checkRepeats(formOf(body), singles)
    assert.equal(refusal?.reason ?? null, refused && 'PARAMETER_REPEATED')
    if (refused) assert.match(refusal?.detail ?? '', new RegExp(`'${refused}'`))
  })
}

test('a component that was encoded decodes to itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const wellFormed = text.toWellFormed().replaceAll('\0', '')
      const encoded = encodeURIComponent(wellFormed).replaceAll('%20', '+')
      assert.equal(decodeFormComponent(encoded), wellFormed)
    }),
  )
})

test('what URLSearchParams writes is read back', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1 })
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 20 }), (pairs) => {
      const form = formOf(new URLSearchParams(pairs).toString())
      assert.deepEqual(
        form.names,
        pairs.map(([name]) => name),
      )
      for (const [name] of pairs) {
        assert.deepEqual(
          form.all(name),
          pairs.filter(([other]) => other === name).map(([, v]) => v),
        )
      }
    }),
  )
})

test('any bytes are answered, never thrown at', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      (bytes) => typeof parseForm(bytes).ok === 'boolean',
    ),
  )
})
