/** What every attribute of SCIM must do by its facts, as checks over HTTP. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { Answer } from './http.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { AttributeFact } from './scim-attribute.ts'
import { type Json, type Pair, pairOf, type Specimen, wrongValueOf } from './scim-specimen.ts'

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const errorUrn = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

/** A kind of resource at a server, and one attribute of it. */
export interface Subject {
  readonly domain: MintmarkDomain
  readonly specimen: Specimen
  readonly fact: AttributeFact
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether what is shown says what was sent; the server may know more of it. */
export const says = (shown: unknown, sent: unknown): boolean => {
  if (Array.isArray(sent)) {
    const list = Array.isArray(shown) ? shown : []
    return list.length === sent.length && sent.every((each, at) => says(list[at], each))
  }
  if (!isObject(sent)) return shown === sent
  return isObject(shown) && Object.entries(sent).every(([name, value]) => says(shown[name], value))
}

const assertSays = (shown: unknown, sent: unknown, when: string): void => {
  if (!says(shown, sent)) deepEqual(shown, sent, when)
}

const reasonOf = (answer: Answer): unknown =>
  ((answer.json?.[errorUrn] as Json | undefined)?.['additionalData'] as Json | undefined)?.[
    'reason'
  ]

/** 400 that names the attribute; with a reason, for that one. */
export const assertNamed = (answer: Answer, name: string, when: string, reason?: string): void => {
  equal(answer.status, 400, `${when}: ${answer.text.slice(0, 300)}`)
  const detail = String(answer.json?.['detail'])
  ok(detail.includes(name), `${when} does not name ${name}: ${detail}`)
  if (reason !== undefined) equal(reasonOf(answer), reason, when)
}

/** One resource of a kind, and what can be asked of it. */
export interface Round {
  readonly subject: Subject
  /** Without the attribute; what cannot change is added once it is there. */
  readonly base: Record<string, unknown>
  id(): string
  ask(method: string, path: string, body?: Json): Promise<Answer>
  /** POST of the base with other members over it; the first that succeeds makes the resource. */
  post(more: Json): Promise<Answer>
  put(more: Json): Promise<Answer>
  patch(op: 'REPLACE' | 'REMOVE' | 'ADD', path: string, value?: unknown): Promise<Answer>
  get(query?: string): Promise<Json>
  /** The attribute as it is shown to who asks for it by name. */
  shown(): Promise<unknown>
  /** Takes the resource away again. */
  end(): Promise<void>
}

/** @param read finds in an answer what `shown` gives; without it, the attribute */
export const startRound = (subject: Subject, read?: (answer: Json) => unknown): Round => {
  const { domain, specimen, fact } = subject
  const { endpoint } = specimen
  const isSetting = endpoint === 'Settings'
  const base: Record<string, unknown> = { ...specimen.base() }
  let id = isSetting ? 'Settings' : ''
  const pathOf = (): string => `/${endpoint}/${id}`
  const { ask } = domain.admin
  const put: Round['put'] = (more) => ask('PUT', pathOf(), { ...base, ...more })
  const patch: Round['patch'] = (op, path, value) => {
    const operation = value === undefined ? { op, path } : { op, path, value }
    return ask('PATCH', pathOf(), { schemas: [patchUrn], Operations: [operation] })
  }
  const get: Round['get'] = async (query = '') => {
    const answer = await ask('GET', `${pathOf()}${query}`)
    equal(answer.status, 200, answer.text)
    return answer.json ?? {}
  }
  return {
    subject,
    base,
    id: () => id,
    ask,
    put,
    patch,
    get,
    post: async (more) => {
      if (isSetting) return put(more)
      const answer = await ask('POST', `/${endpoint}`, { ...base, ...more })
      if (answer.status === 201 && id === '') id = String(answer.json?.['id'])
      return answer
    },
    shown: async () => {
      const answer = await get(`?attributes=${encodeURIComponent(fact.path)}`)
      return read === undefined ? answer[fact.path] : read(answer)
    },
    end: async () => {
      if (id === '' || isSetting) return
      if (endpoint === 'Apps') await patch('REPLACE', 'active', false)
      await ask('DELETE', pathOf())
    },
  }
}

/** RFC 7643 §2.4 and the `attributes` parameter of RFC 7644 §3.9. */
const checkReturned = async (round: Round): Promise<void> => {
  const { path, returned, hasConstantPart } = round.subject.fact
  const plain = await round.get()
  const others = await round.get('?attributes=id')
  const byName = await round.get(`?attributes=${encodeURIComponent(path)}`)
  const bySet = await round.get(`?attributeSets=${returned}`)
  equal(path in plain, returned === 'always' || returned === 'default', 'without a wish')
  const isConstant = returned === 'always' || hasConstantPart
  equal(path in others, isConstant, 'with other attributes')
  equal(path in byName, returned !== 'never', 'by its name')
  equal(path in bySet, returned !== 'never', 'by its set')
}

const checkNeverShown = async (round: Round): Promise<void> => {
  equal(await round.shown(), undefined, 'it has no value here')
  equal((await round.get('?attributeSets=all'))[round.subject.fact.path], undefined)
}

const checkWrongType = async (round: Round): Promise<void> => {
  const { fact, specimen } = round.subject
  const { path } = fact
  const wrong = { [path]: wrongValueOf(fact) }
  const expected = 'ATTRIBUTE_TYPE_WRONG'
  assertNamed(await round.post(wrong), path, 'POST of a wrong type', expected)
  if (!specimen.isChangeable) return
  assertNamed(await round.put(wrong), path, 'PUT of a wrong type', expected)
  assertNamed(await round.patch('REPLACE', path, wrong[path]), path, 'PATCH of a wrong type')
}

const checkRequired = async (round: Round): Promise<void> => {
  const { fact, specimen } = round.subject
  const { path } = fact
  for (const nothing of [undefined, null, []]) {
    assertNamed(await round.post({ [path]: nothing }), path, 'POST without')
    if (!specimen.isChangeable) continue
    if (fact.mutability === 'readWrite')
      assertNamed(await round.put({ [path]: nothing }), path, 'PUT without')
  }
  if (specimen.isChangeable) {
    assertNamed(await round.patch('REMOVE', path), path, 'PATCH that removes')
  }
}

const otherCase = (text: string): string =>
  text.replaceAll(/[A-Za-z]/g, (each) =>
    each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase(),
  )

const checkUnique = async (round: Round, value: unknown): Promise<void> => {
  const { fact } = round.subject
  const values = fact.isExact === false ? [value, otherCase(String(value))] : [value]
  for (const each of values) {
    const other = startRound(round.subject)
    const answer = await other.post({ [fact.path]: each })
    equal(answer.status, 409, `a second ${fact.path} ${String(each)}: ${answer.text.slice(0, 200)}`)
  }
}

const literalOf = (value: unknown): string =>
  typeof value === 'string' ? `"${value}"` : String(value)

/** Filters find it by its value, and by the value in another case where case does not count. */
export const checkFiltered = async (round: Round, value: unknown): Promise<void> => {
  const { fact, specimen } = round.subject
  const found = async (wanted: unknown): Promise<unknown> => {
    const filter = `${fact.path} eq ${literalOf(wanted)} and id eq "${round.id()}"`
    const path = `/${specimen.endpoint}?filter=${encodeURIComponent(filter)}`
    const answer = await round.ask('GET', path)
    equal(answer.status, 200, `${filter}: ${answer.text.slice(0, 300)}`)
    return answer.json?.['totalResults']
  }
  const [first] = Array.isArray(value) ? value : [value]
  equal(await found(first), 1, `filter by ${String(first)}`)
  if (typeof first === 'boolean') equal(await found(!first), 0)
  if (typeof first !== 'string' || otherCase(first) === first || fact.type === 'dateTime') return
  const folded = fact.isExact === true ? 0 : 1
  equal(await found(otherCase(first)), folded, `filter by ${otherCase(first)}`)
}

const isPlain = (fact: AttributeFact): boolean => fact.type !== 'complex' && !fact.isExtension

const checkReadOnly = async (round: Round): Promise<void> => {
  const { fact, specimen } = round.subject
  const { path } = fact
  const [bogus] = pairOf(specimen, fact)
  if (specimen.endpoint !== 'Settings') {
    const made = await round.post({ [path]: bogus })
    equal(made.status, 201, `POST passes over it: ${made.text.slice(0, 300)}`)
    ok(!says(made.json?.[path], bogus), 'POST took it')
  }
  const present = await round.shown()
  ok(!says(present, bogus), 'it was taken')
  if (fact.isValueless) await checkNeverShown(round)
  else await checkReturned(round)
  if (specimen.isChangeable) {
    const put = await round.put({ [path]: bogus })
    const patched = await round.patch('REPLACE', path, bogus)
    if (fact.isPassedOver) equal(put.status, 200)
    else assertNamed(put, path, 'PUT that says otherwise', 'ATTRIBUTE_READ_ONLY')
    assertNamed(patched, path, 'PATCH that says otherwise', 'ATTRIBUTE_READ_ONLY')
    if (present !== undefined) equal((await round.put({ [path]: present })).status, 200, 'echo')
    if (!fact.isPassedOver) deepEqual(await round.shown(), present, 'nothing has changed')
  }
  if (fact.isSearchable && isPlain(fact) && present !== undefined)
    await checkFiltered(round, present)
}

const checkImmutable = async (round: Round, [value, other]: Pair): Promise<void> => {
  const { path, isRequired } = round.subject.fact
  const same = await round.put({ [path]: value })
  equal(same.status, 200, `PUT of the same: ${same.text.slice(0, 300)}`)
  const put = await round.put({ [path]: other })
  assertNamed(put, path, 'PUT of another', 'ATTRIBUTE_IMMUTABLE')
  const patched = await round.patch('REPLACE', path, other)
  assertNamed(patched, path, 'PATCH to another', 'ATTRIBUTE_IMMUTABLE')
  const removed = await round.patch('REMOVE', path)
  if (!isRequired) assertNamed(removed, path, 'PATCH that removes')
  assertSays(await round.shown(), value, 'nothing has changed')
}

const checkChangeable = async (round: Round, [value, other]: Pair): Promise<void> => {
  const { path, isRequired, isStaying } = round.subject.fact
  const put = await round.put({ [path]: other })
  equal(put.status, 200, `PUT: ${put.text.slice(0, 300)}`)
  assertSays(await round.shown(), other, 'after PUT')
  const patched = await round.patch('REPLACE', path, value)
  equal(patched.status, 200, `PATCH: ${patched.text.slice(0, 300)}`)
  assertSays(await round.shown(), value, 'after PATCH')
  if (isRequired) return
  const removed = await round.patch('REMOVE', path)
  equal(removed.status, 200, `PATCH that removes: ${removed.text.slice(0, 300)}`)
  equal(says(await round.shown(), value), isStaying, 'shown after PATCH that removes')
}

const checkRefused = async (round: Round): Promise<void> => {
  const { fact, specimen } = round.subject
  const { path } = fact
  const [value] = pairOf(specimen, fact)
  assertNamed(await round.post({ [path]: value }), path, 'POST')
  const plain = await round.post({})
  match(String(plain.status), /^20[01]$/, plain.text)
  ok(!says(await round.shown(), value), 'it is shown')
  if (!specimen.isChangeable) return
  assertNamed(await round.put({ [path]: value }), path, 'PUT')
  assertNamed(await round.patch('ADD', path, value), path, 'PATCH')
}

const checkWritten = async (round: Round): Promise<void> => {
  const { fact, specimen } = round.subject
  const pair = pairOf(specimen, fact)
  const [value] = pair
  const sent = { [fact.path]: value }
  const made = await round.post(sent)
  match(String(made.status), /^20[01]$/, `POST: ${made.text.slice(0, 300)}`)
  Object.assign(round.base, fact.mutability === 'immutable' ? sent : {})
  assertSays(await round.shown(), value, 'after POST')
  await checkReturned(round)
  if (fact.isUnique) await checkUnique(round, value)
  if (fact.isSearchable && isPlain(fact)) await checkFiltered(round, value)
  if (specimen.isChangeable && fact.mutability === 'immutable') await checkImmutable(round, pair)
  if (specimen.isChangeable && fact.mutability === 'readWrite') await checkChangeable(round, pair)
  await checkWrongType(round)
  if (fact.isRequired) await checkRequired(round)
}

/** Puts one attribute through POST, PUT, PATCH and GET. */
export const checkAttribute = async (subject: Subject): Promise<void> => {
  const round = startRound(subject)
  try {
    if (subject.fact.isRefused) await checkRefused(round)
    else if (subject.fact.mutability === 'readOnly') await checkReadOnly(round)
    else await checkWritten(round)
    if (!subject.specimen.isChangeable) {
      equal((await round.put({})).status, 405)
      equal((await round.patch('REPLACE', subject.fact.path, 'x')).status, 405)
    }
  } finally {
    await round.end()
  }
}
