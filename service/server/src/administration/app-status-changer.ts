import { decideActivation } from '@mintmark/decisions/administration/decide-activation'
import { ok } from '@mintmark/protocol/result'
import { resourceAnswer } from './answers.ts'
import { attribute, commonAttributes, type ResourceSchema } from './attribute.ts'
import { carryOut, checkVersion, type Handler, notFound, stampOf } from './exchange.ts'
import { readResource } from './read-resource.ts'
import { successionOf } from './standing.ts'
import { frameAttributes, versionOf } from './write-resource.ts'

export const appStatusChangerSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger',
  resourceType: 'AppStatusChanger',
  endpoint: 'AppStatusChanger',
  attributes: [...commonAttributes, attribute('active', 'boolean', { required: true })],
  extension: null,
  keptExtensions: [],
}

/** PUT /AppStatusChanger/{id}: activates or deactivates the application of this id. */
export const changeAppStatus: Handler = async (exchange) => {
  const { transaction, address } = exchange.context
  const id = exchange.id ?? ''
  const present = await transaction.findApplication(id)
  if (present === null) return notFound('App', id)
  const version = checkVersion(exchange, versionOf('App', present.id, present.version))
  if (!version.ok) return version
  const sent = readResource(exchange.command.body, appStatusChangerSchema)
  if (!sent.ok) return sent
  const active = sent.value.values.get('active') === true
  const succession = await successionOf(transaction, present.id)
  const made = decideActivation(present, active, succession, stampOf(exchange))
  if (!made.ok) return made
  const done = await carryOut(exchange, made.value.change)
  if (!done.ok) return done
  const { application } = made.value
  const frame = frameAttributes({ ...application, url: address().url }, appStatusChangerSchema)
  const whole = { schemas: [appStatusChangerSchema.urn], ...frame, active: application.active }
  return ok(resourceAnswer(200, whole, appStatusChangerSchema, exchange))
}
