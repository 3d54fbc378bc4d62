/** What is in the database when a world begins: made once a process, by the product itself. */
import { generateKeyPair, hash, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { AdministrationCommand } from '@mintmark/server/administration/command'
import { bootstrapAdministrator } from '@mintmark/server/composition/bootstrap-administrator'
import type { ModelDatabase } from './model-database.ts'
import { addNeighbour, neighbourId, rowsOf, tablesOf } from './neighbour.ts'
import { createLink, type Running, startNode } from './server-node.ts'
import { createWorld, type World } from './world.ts'

/** An application as whoever uses it knows it. */
export interface Known {
  readonly id: string
  readonly clientId: string
  readonly secret: string
}

export interface FirstData {
  readonly domainId: string
  readonly administrator: Known
  /** May introspect, and follow the feed. */
  readonly api: Known & { readonly audience: string }
  readonly clients: readonly Known[]
  /** Signs assertions of all clients. */
  readonly assertionKey: KeyObject
  /** Tables that hold rows of a domain. */
  readonly tables: readonly string[]
  /** Rows of another domain as they are, and stay. */
  readonly neighbour: Buffer
}

export const beginsAtMs = Date.UTC(2026, 0, 1)
export const clientCount = 4
export const scopes = ['read', 'write'] as const
const audience = 'https://api.example/'

export const fqsOf = (scope: string): string => `${audience}${scope}`

const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

const app = {
  schemas: [appExtension, 'urn:ietf:params:scim:schemas:oracle:idcs:App'],
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
  active: true,
  isOAuthClient: true,
  clientType: 'confidential',
  allowedGrants: ['client_credentials'],
}

const root = { clientId: 'root', secret: 'root' }

/** The administrator that makes everything else. */
const rootOf = async ({ opened }: Running): Promise<AdministrationCommand['principal']> => {
  const { clientId } = root
  const page = { startIndex: 1, count: 1 }
  const { items } = await opened.writer.change((registry) =>
    registry.listApplications({ clientId }, page),
  )
  const roleNames = ['Identity Domain Administrator']
  return { applicationId: items[0]?.id ?? '', clientId, displayName: clientId, roleNames }
}

const post = async (running: Running, path: string, body: object) => {
  const { services } = running
  const command: AdministrationCommand = {
    method: 'POST',
    path,
    query: {},
    headers: { 'content-type': 'application/scim+json' },
    body,
    principal: await rootOf(running),
    source: '10.0.0.1',
    ecid: hash('sha256', JSON.stringify(body), 'hex').slice(0, 20),
    nowMs: Date.now(),
  }
  const answer = await services.administer(command)
  if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
  return answer.body as Readonly<Record<string, unknown>>
}

const make = async (running: Running, body: object): Promise<Known> => {
  const made = await post(running, '/Apps', { ...app, ...body })
  const text = (name: string): string => String(made[name])
  return { id: text('id'), clientId: text('name'), secret: text('clientSecret') }
}

const giveRole = async (running: Running, to: Known, roleName: string): Promise<void> => {
  const catalog = await running.services.registry.catalog()
  const owner = [...catalog.byId.values()].find(({ roles }) =>
    roles.some(({ displayName }) => displayName === roleName),
  )
  const role = owner?.roles.find(({ displayName }) => displayName === roleName)
  await post(running, '/Grants', {
    schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:Grant'],
    app: { value: owner?.application.id },
    entitlement: { attributeName: 'appRoles', attributeValue: role?.id },
    grantMechanism: 'ADMINISTRATOR_TO_APP',
    grantee: { type: 'App', value: to.id },
  })
}

const fill = async (running: Running): Promise<Omit<FirstData, 'tables' | 'neighbour'>> => {
  const { opened } = running
  await bootstrapAdministrator(opened.writer.change, opened.domain.id, root)
  const administrator = await make(running, { displayName: 'Administrator' })
  await giveRole(running, administrator, 'Identity Domain Administrator')
  const api = await make(running, {
    displayName: 'API',
    isOAuthResource: true,
    audience,
    scopes: scopes.map((value) => ({ value })),
    allowedOperations: ['introspect'],
  })
  await giveRole(running, api, 'Authenticator Client')
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const clients: Known[] = []
  for (let at = 0; at < clientCount; at += 1) {
    const allowedScopes = scopes.map((scope) => ({ fqs: fqsOf(scope) }))
    const methods = ['client_secret_basic', 'private_key_jwt']
    const own = { authenticationMethods: methods, jwks: { keys: [{ ...jwk, kid: 'c' }] } }
    const displayName = `Client ${at}`
    clients.push(await make(running, { displayName, allowedScopes, [appExtension]: own }))
  }
  const domainId = running.opened.domain.id
  return {
    domainId,
    administrator,
    api: { ...api, audience },
    clients,
    assertionKey: privateKey,
  }
}

/** Lets the world and the files that it loads go on together, until it is done. */
const until = async (world: World, isDone: () => boolean): Promise<void> => {
  for (let turn = 0; !isDone(); turn += 1) {
    if (turn === turnsMax) throw new Error('the first server did not start')
    await world.run(world.nowMs() + 1)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const turnsMax = 20_000

/** Fills an empty database; it is left as it was committed. */
export const makeFirstData = async (database: ModelDatabase): Promise<FirstData> => {
  const world = createWorld(1, beginsAtMs - 3_600_000)
  database.begin(world, () => {})
  const link = createLink('first', 0)
  const fault = (message: string): never => {
    throw new Error(message)
  }
  const node = startNode({ world, database, link, fault, said: () => {} })
  await until(world, () => node.running !== null)
  let filled: ReturnType<typeof fill> | null = null
  let isFilled = false
  world.after(link.actor, 0, () => {
    filled = fill(node.running as Running).finally(() => {
      isFilled = true
    })
  })
  await until(world, () => isFilled)
  world.after(link.actor, 0, () => void node.running?.opened.close())
  await world.run(world.nowMs() + 5000)
  database.end('keep')
  const data = await (filled as unknown as ReturnType<typeof fill>)
  addNeighbour(database, data.domainId)
  const tables = tablesOf(database)
  return { ...data, tables, neighbour: rowsOf(database, tables, neighbourId) }
}
