/** Reads the requests of the Postman collection, where no Postman is. For tests only. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { basic, type Call, form } from '../../conformance/kit/http.ts'

interface Pair {
  readonly key: string
  readonly value: string
}

/** The members of the format (v2.1.0) that the collection uses. */
export interface PostmanRequest {
  readonly method: string
  readonly url: string
  readonly body?: { readonly mode: 'urlencoded'; readonly urlencoded: readonly Pair[] }
  readonly auth?: { readonly basic?: readonly Pair[]; readonly bearer?: readonly Pair[] }
}

export const readCollection = (): readonly PostmanRequest[] => {
  const text = readFileSync(join(import.meta.dirname, 'postman-collection.json'), 'utf8')
  const { item }: { readonly item: readonly { readonly request: PostmanRequest }[] } =
    JSON.parse(text)
  return item.map(({ request }) => request)
}

/** @throws Error for a variable that has no value */
export const callFrom = (
  { method, url, body, auth }: PostmanRequest,
  variables: ReadonlyMap<string, string>,
): Call => {
  const fill = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = variables.get(name)
      if (value === undefined) throw new Error(`the collection names {{${name}}}`)
      return value
    })
  const filled = (pairs: readonly Pair[], name: string): string =>
    fill(pairs.find(({ key }) => key === name)?.value ?? '')
  const authorization = auth?.basic
    ? basic(filled(auth.basic, 'username'), filled(auth.basic, 'password'))
    : auth?.bearer && `Bearer ${filled(auth.bearer, 'token')}`
  const pairs = body?.urlencoded.map(({ key, value }) => [key, fill(value)] as const)
  return {
    url: fill(url),
    method,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(pairs && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(pairs && { body: form(pairs) }),
  }
}
