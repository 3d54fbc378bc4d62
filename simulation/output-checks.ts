import { neighbourId, neighbourName, rowsOf } from './neighbour.ts'
import { must, type Scene } from './scene.ts'

/** Basic credentials, and what begins as a token or an assertion does. */
const basic = /\bBasic [\w+/]{12,}/
const signed = /\b(eyJ[\w-]{9,})\.eyJ/g

/** Checkpoints of the audit are signed as tokens are; they let nobody in. */
const isCheckpoint = (header: string): boolean =>
  Buffer.from(header, 'base64url').includes('"typ":"audit-checkpoint+jwt"')

/** INV-9, INV-10: what somebody gets to read says nothing of the neighbour, and no secret. */
export const checkOutput = (scene: Scene, where: string, text: string): void => {
  const isOwn = !text.includes(neighbourId) && !text.includes(neighbourName)
  must(scene, isOwn, 'INV-9', `${where} tells something of another domain`)
  const isSilent = !scene.secrets.some((secret) => text.includes(secret))
  must(scene, isSilent, 'INV-10', `${where} tells a secret`)
}

/** The same of what is kept: no credential at all has a place there. */
const checkKept = (scene: Scene, where: string, text: string): void => {
  checkOutput(scene, where, text)
  const isFree = Array.from(text.matchAll(signed)).every(([, header = '']) => isCheckpoint(header))
  must(scene, isFree && !basic.test(text), 'INV-10', `${where} holds a credential`)
}

/** When the world is at rest. @param audit all that is on record */
export const checkOutputs = (scene: Scene, audit: string): void => {
  const { database, data } = scene
  checkKept(scene, 'the log', scene.said.join('\n'))
  checkKept(scene, 'the audit', audit)
  checkKept(scene, 'the database', rowsOf(database, data.tables, data.domainId).toString('latin1'))
  const isAsBefore = rowsOf(database, data.tables, neighbourId).equals(data.neighbour)
  must(scene, isAsBefore, 'INV-9', 'something of another domain was changed')
}
