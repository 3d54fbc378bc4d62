import { checkNames } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

/** `GET /api/v1/settings`: how this server was started, and where each value came from. */
export const listSettings: AnswerHappening = async ({ query, services }) => {
  const wrong = checkNames(query, new Set())
  return wrong ?? { kind: 'json', body: { settings: services.settings } }
}
