import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUncoded, readContentType } from './rfc9110-content.ts'

const charsets: readonly (readonly [parameters: string, charset: string])[] = [
  ['', 'utf-8'],
  [';', 'utf-8'],
  ['; ;', 'utf-8'],
  [';charset=UTF-8', 'utf-8'],
  [' ; Charset = utf-8 ', 'utf-8'],
  ['; charset="utf-8"', 'utf-8'],
  ['; charset="\\u\\tf-8"; x=y', 'utf-8'],
  ['; charset=utf8', 'utf-8'],
  ['; charset=us-ascii', 'utf-8'],
  ['; x="; charset=utf-16"', 'utf-8'],
  ['; x="\\"; charset=utf-16"', 'utf-8'],
  ['; x-charset=utf-16', 'utf-8'],
  ['; charset=ISO-8859-1', 'latin-1'],
  ['; charset=utf-8; charset=iso-8859-1', 'latin-1'],
  ['; charset=utf-16', 'other'],
  ['; charset="utf-16"', 'other'],
  ['; charset=utf-16; charset=utf-8', 'other'],
  ['; charset=utf-8; charset=utf-16', 'other'],
  ['; charset=iso-8859-1; charset=utf-16', 'other'],
  ['; charset', 'other'],
  ['; charset=', 'other'],
  ['; charset=""', 'other'],
  ['; charset=utf-8 utf-16', 'other'],
  ["; charset='utf-8'", 'other'],
  ['; charset="utf-8', 'other'],
  ['; x="y"z; charset=utf-8', 'other'],
  [`;${' '.repeat(50_000)}x`, 'utf-8'],
]
for (const [parameters, charset] of charsets) {
  test(`charset of ${JSON.stringify(parameters.slice(0, 50))}: ${charset}`, () => {
    const read = readContentType(`Application/JSON${parameters}`)
    assert.deepEqual(read, { mediaType: 'application/json', charset })
  })
}

test('what is no media type is told from one', () => {
  for (const text of ['', 'json', '/', 'a/', '/b', 'a/b, c/d', 'a/b c', 'a b/c', 'a/b/c', 'ä/b']) {
    assert.equal(readContentType(text), null, text)
  }
  assert.equal(readContentType(' application/scim+json ')?.mediaType, 'application/scim+json')
})

const codings: readonly (readonly [codings: string | undefined, isUncoded: boolean])[] = [
  [undefined, true],
  ['', true],
  ['identity', true],
  ['Identity', true],
  ['identity, identity', true],
  ['identity,', true],
  ['gzip', false],
  ['identity, gzip', false],
  ['gzip;q=0', false],
  ['identity gzip', false],
]
for (const [coding, expected] of codings) {
  test(`Content-Encoding ${coding}: ${expected ? 'as it is' : 'coded'}`, () => {
    assert.equal(isUncoded(coding), expected)
  })
}
