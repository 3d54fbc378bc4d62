import { sameValue } from '@mintmark/decisions/administration/change'
import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { applyPatch } from '@mintmark/protocol/apply-patch'
import { ok, type Result } from '@mintmark/protocol/result'
import { readPatch } from '@mintmark/protocol/rfc7644-patch'
import { readListQuery, readSearchRequest } from '@mintmark/protocol/rfc7644-search-request'
import { noContent, resourceAnswer } from './answers.ts'
import type { ResourceSchema } from './attribute.ts'
import { carryOut, checkVersion, type Exchange, type Handler, notFound } from './exchange.ts'
import { answerList } from './list.ts'
import { isObject, type Json, type ReadResource, readResource } from './read-resource.ts'
import type { Made, Resource } from './resource.ts'
import type { Route } from './route.ts'
import { checkUnchangeable, versionOf } from './write-resource.ts'

type Refused<T> = Result<T, AdministrationRefusal>

type Any = { readonly id: string }

const findItem = async <Item extends Any>(
  resource: Resource<Item>,
  exchange: Exchange,
): Promise<Refused<Item>> => {
  const id = exchange.id ?? ''
  const found = await resource.find(exchange, id)
  return found === null ? notFound(resource.schema.resourceType, id) : ok(found)
}

/** The record that a change is about, if the change is based on what it is now. */
const findPresent = async <Item extends Any>(
  resource: Resource<Item>,
  exchange: Exchange,
): Promise<Refused<Item>> => {
  const found = await findItem(resource, exchange)
  if (!found.ok) return found
  const { id } = found.value
  const tag = versionOf(resource.schema.resourceType, id, resource.version(found.value))
  const fits = checkVersion(exchange, tag)
  return fits.ok ? found : fits
}

const finish = async <Item extends Any>(
  resource: Resource<Item>,
  exchange: Exchange,
  status: 200 | 201,
  made: Made<Item>,
) => {
  const done = await carryOut(exchange, made.change)
  if (!done.ok) return done
  const whole = await resource.write(exchange, made.item)
  return ok(resourceAnswer(status, whole, resource.schema, exchange, made.shownOnce))
}

/** GET /{endpoint}/{id} */
const readOne =
  <Item extends Any>(resource: Resource<Item>): Handler =>
  async (exchange) => {
    const found = await findItem(resource, exchange)
    if (!found.ok) return found
    const whole = await resource.write(exchange, found.value)
    return ok(resourceAnswer(200, whole, resource.schema, exchange))
  }

/** POST /{endpoint} */
const createOne =
  <Item extends Any>(
    resource: Resource<Item>,
    create: NonNullable<Resource<Item>['create']>,
  ): Handler =>
  async (exchange) => {
    const sent = readResource(exchange.command.body, resource.schema)
    if (!sent.ok) return sent
    const made = await create(exchange, sent.value)
    return made.ok ? finish(resource, exchange, 201, made.value) : made
  }

/** The whole representation as a body could hold it. */
const plain = (whole: Json): Json => JSON.parse(JSON.stringify(whole)) as Json

/** A PATCH of one of two attributes that say the same is about both. */
const withoutMirrors = (patched: Json, present: Json, schema: ResourceSchema): Json => {
  const stale = schema.attributes.flatMap(({ name, mirrors }) => {
    if (mirrors === undefined) return []
    const isCarried = (each: string) => sameValue(patched[each], present[each])
    return isCarried(name) ? [name] : isCarried(mirrors) ? [mirrors] : []
  })
  return Object.fromEntries(Object.entries(patched).filter(([name]) => !stale.includes(name)))
}

/**
 * What is told on request only stays as it is where a PUT does not mention it: who changes what it
 * has read would otherwise lose what it was never shown. null, or an empty list, takes it away.
 */
const withUnshown = (body: unknown, present: Json, schema: ResourceSchema): unknown => {
  if (!isObject(body)) return body
  const said = new Set(Object.keys(body).map((name) => name.toLowerCase()))
  const unshown = schema.attributes.filter(
    ({ name, returned, mutability }) =>
      returned === 'request' && mutability !== 'readOnly' && !said.has(name.toLowerCase()),
  )
  const kept = unshown.flatMap(({ name }) =>
    present[name] === undefined ? [] : [[name, present[name]] as const],
  )
  // names of the body are defined, so that one called __proto__ stays a name
  return Object.fromEntries([...Object.entries(body), ...kept])
}

/** What was sent, without what the server once told the sender. */
const withoutToldOnce = async <Item extends Any>(
  resource: Resource<Item>,
  exchange: Exchange,
  present: Item,
  sent: ReadResource,
): Promise<ReadResource> => {
  const readOnly = new Map(sent.readOnly)
  for (const each of sent.readOnly) {
    if (await resource.isToldOnce?.(exchange, present, each)) readOnly.delete(each[0])
  }
  return { ...sent, readOnly }
}

/** PUT and PATCH /{endpoint}/{id}: they differ in where the wished representation comes from. */
const replaceOne =
  <Item extends Any>(
    resource: Resource<Item>,
    replace: NonNullable<Resource<Item>['replace']>,
    wished: (exchange: Exchange, present: Json) => Refused<unknown>,
  ): Handler =>
  async (exchange) => {
    const found = await findPresent(resource, exchange)
    if (!found.ok) return found
    const present = plain(await resource.write(exchange, found.value))
    const body = wished(exchange, present)
    if (!body.ok) return body
    const sent = readResource(body.value, resource.schema)
    if (!sent.ok) return sent
    const news = await withoutToldOnce(resource, exchange, found.value, sent.value)
    const unchangeable = checkUnchangeable(news, present, resource.schema)
    if (!unchangeable.ok) return unchangeable
    const made = await replace(exchange, found.value, news)
    return made.ok ? finish(resource, exchange, 200, made.value) : made
  }

/** DELETE /{endpoint}/{id} */
const removeOne =
  <Item extends Any>(
    resource: Resource<Item>,
    remove: NonNullable<Resource<Item>['remove']>,
  ): Handler =>
  async (exchange) => {
    const found = await findPresent(resource, exchange)
    if (!found.ok) return found
    const change = await remove(exchange, found.value)
    if (!change.ok) return change
    const done = await carryOut(exchange, change.value)
    return done.ok ? ok(noContent) : done
  }

/** Everything that can be asked of this kind of resource. */
export const routeOf = <Item extends Any>(resource: Resource<Item>): Route => {
  const { create, replace, remove } = resource
  return {
    schema: resource.schema,
    list: (exchange) => answerList(resource, exchange, readListQuery(exchange.command.query)),
    search: (exchange) => answerList(resource, exchange, readSearchRequest(exchange.command.body)),
    read: readOne(resource),
    ...(create === undefined ? {} : { create: createOne(resource, create) }),
    ...(replace === undefined
      ? {}
      : {
          replace: replaceOne(resource, replace, ({ command }, present) =>
            ok(withUnshown(command.body, present, resource.schema)),
          ),
          patch: replaceOne(resource, replace, ({ command }, present) => {
            const operations = readPatch(command.body)
            if (!operations.ok) return operations
            const patched = applyPatch(present, operations.value, resource.schema)
            return patched.ok
              ? ok(withoutMirrors(patched.value, present, resource.schema))
              : patched
          }),
        }),
    ...(remove === undefined ? {} : { remove: removeOne(resource, remove) }),
  }
}
