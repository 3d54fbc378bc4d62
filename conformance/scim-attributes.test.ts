/** Every attribute of an identity domain's resources, held to the facts that are known of it. */
import { deepEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { factsOf, type ResourceName } from './kit/scim-attribute.ts'
import { checkAttribute } from './kit/scim-attribute-rules.ts'
import { checkPart } from './kit/scim-part-rules.ts'
import { specimensOf } from './kit/scim-specimen.ts'
import { useMintmark } from './kit/start-domain.ts'
import { divergences } from './rows/scim-divergences.ts'

const domain = await useMintmark()
const specimens = await specimensOf(domain)
const names = Object.keys(specimens) as ResourceName[]

test('every divergence is about an attribute that there is, once', () => {
  const known = new Set(
    names.flatMap((name) => factsOf(name).flatMap(({ path }) => [`${name}.${path}`, `*.${path}`])),
  )
  const listed = divergences.flatMap(({ attributes }) => attributes)
  deepEqual(
    listed.filter((each, at) => !known.has(each) || listed.indexOf(each) !== at),
    [],
  )
})

test('the page of divergences names each of them with its reason', () => {
  const file = new URL('../docs/internals/divergences.md', import.meta.url)
  const lines = readFileSync(file, 'utf8').split('\n')
  for (const { attributes, here, reason } of divergences) {
    if (here.isApart === true) continue
    const line = lines.find((each) => each.endsWith(`| ${reason} |`)) ?? ''
    for (const each of attributes) {
      const [, name = ''] = /^[^.]+\.(?:urn:.*:extension:)?(.*?)(?::\w+)?$/.exec(each) ?? []
      ok(line.includes(name), `${each}: ${reason}`)
    }
  }
})

for (const name of names) {
  const specimen = specimens[name]
  // There is only one Setting, so its tests take turns.
  describe(name, { concurrency: name === 'Setting' ? 1 : 8 }, () => {
    const facts = factsOf(name)
    for (const fact of facts.filter(({ isApart }) => !isApart)) {
      const subject = { domain, specimen, fact }
      const at = fact.isExtension ? -1 : fact.path.indexOf('.')
      if (at < 0) {
        test(`${name}.${fact.path}`, () => checkAttribute(subject))
        continue
      }
      const whole = facts.find(({ path }) => path === fact.path.slice(0, at))
      if (whole === undefined) throw new Error(`${fact.path} is a part of nothing`)
      if (whole.isApart || whole.isRefused || whole.isValueless) continue
      test(`${name}.${fact.path}`, () => checkPart(subject, whole))
    }
  })
}
