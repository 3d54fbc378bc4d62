/** What the parts of an attribute, its sub-attributes, must do by their facts. */
import { equal, match, ok } from 'node:assert/strict'
import type { AttributeFact } from './scim-attribute.ts'
import {
  assertNamed,
  checkFiltered,
  isObject,
  type Round,
  type Subject,
  says,
  startRound,
} from './scim-attribute-rules.ts'
import { type Json, pairOf, wrongValueOf } from './scim-specimen.ts'

/** One sub-attribute of an attribute, and a resource that has it. */
interface PartRound extends Round {
  readonly whole: AttributeFact
  readonly part: string
  /** A right value of the whole, as one object. */
  readonly value: Json
  /** The attribute with these members in its one value. */
  sent(members: Json): Json
  /** The part of what an answer shows of the attribute. */
  partOf(answer: Json): unknown
}

const startPartRound = (subject: Subject, whole: AttributeFact): PartRound => {
  const part = subject.fact.path.slice(whole.path.length + 1)
  const [right] = pairOf(subject.specimen, whole)
  const partOf = (answer: Json): unknown => {
    const shown = answer[whole.path]
    const [first] = Array.isArray(shown) ? shown : [shown]
    return isObject(first) ? first[part] : undefined
  }
  return {
    ...startRound(subject, partOf),
    whole,
    part,
    value: (Array.isArray(right) ? right[0] : right) as Json,
    sent: (members) => ({ [whole.path]: whole.isMany ? [members] : members }),
    partOf,
  }
}

const checkReturned = async (round: PartRound): Promise<void> => {
  const { fact } = round.subject
  const isSeen = round.whole.returned === 'request' || fact.returned === 'request'
  equal(round.partOf(await round.get()) !== undefined, !isSeen, 'without a wish')
  const others = round.partOf(await round.get('?attributes=id'))
  const isConstant = fact.returned === 'always' || round.whole.returned === 'always'
  equal(others !== undefined, isConstant, 'with other attributes')
  ok((await round.shown()) !== undefined, 'by its name')
}

const checkSearched = async (round: PartRound, value: unknown): Promise<void> => {
  if (round.subject.fact.isSearchable) await checkFiltered(round, value)
}

/** Inside an object they are passed over everywhere: what was read can be sent back changed. */
const checkReadOnlyPart = async (round: PartRound): Promise<void> => {
  const { fact, specimen } = round.subject
  const [bogus] = pairOf(specimen, fact)
  const isWritten = round.whole.mutability !== 'readOnly'
  const more = isWritten ? round.sent({ ...round.value, [round.part]: bogus }) : {}
  const made = await round.post(more)
  match(String(made.status), /^20[01]$/, `POST: ${made.text.slice(0, 300)}`)
  const present = await round.shown()
  ok(!says(present, bogus), 'POST took it')
  if (fact.isValueless) {
    equal(present, undefined, 'it has no value here')
    return
  }
  await checkReturned(round)
  await checkSearched(round, present)
  if (!isWritten || !specimen.isChangeable) return
  const put = await round.put(more)
  equal(put.status, 200, `PUT: ${put.text.slice(0, 300)}`)
  ok(!says(await round.shown(), bogus), 'PUT took it')
}

const checkWrittenPart = async (round: PartRound): Promise<void> => {
  const { fact, specimen } = round.subject
  const { part } = round
  const value = round.value[part] ?? pairOf(specimen, fact)[0]
  const made = await round.post(round.sent({ ...round.value, [part]: value }))
  match(String(made.status), /^20[01]$/, `POST: ${made.text.slice(0, 300)}`)
  ok(says(await round.shown(), value), `after POST: ${String(await round.shown())}`)
  await checkReturned(round)
  await checkSearched(round, value)
  const wrong = await round.post(round.sent({ ...round.value, [part]: wrongValueOf(fact) }))
  assertNamed(wrong, part, 'POST of a wrong type', 'ATTRIBUTE_TYPE_WRONG')
  if (!fact.isRequired) return
  const { [part]: _, ...rest } = round.value
  const without = await round.post(round.sent({ ...rest, note: undefined }))
  assertNamed(without, part, 'POST without', 'ATTRIBUTE_MISSING')
}

/** Puts one sub-attribute through POST, PUT, GET and filters. */
export const checkPart = async (subject: Subject, whole: AttributeFact): Promise<void> => {
  const round = startPartRound(subject, whole)
  try {
    if (subject.fact.mutability === 'readOnly') await checkReadOnlyPart(round)
    else await checkWrittenPart(round)
  } finally {
    await round.end()
  }
}
