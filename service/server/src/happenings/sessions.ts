import type { ConsoleSession } from '@mintmark/storage/tables/console-session'
import { absoluteMs, userActor } from '../console/prove-session.ts'
import type { Services } from '../services.ts'
import { type AnswerHappening, problem } from './happening.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

/** How the record calls whose session it is. */
const nameOf = async (session: ConsoleSession, { console }: Services): Promise<string | null> => {
  if (session.subjectType === 'App') return console.clientIdOf(session.subjectId)
  const found = await console.findUser(session.subjectId)
  return found === null ? null : userActor(found.user.userName)
}

/** `GET /api/v1/sessions`: who is signed in at the console, since when, from where, until when. */
export const listSessions: AnswerHappening = async ({ nowMs, services }) => {
  const names = new Map<string, Promise<string | null>>()
  const sessions: unknown[] = []
  for (const session of await services.console.listSessions(nowMs)) {
    const { digest, subjectType, subjectId, method, source } = session
    const name = names.get(subjectId) ?? nameOf(session, services)
    names.set(subjectId, name)
    sessions.push({
      id: digest,
      administrator: { type: subjectType, id: subjectId, name: await name },
      method,
      source,
      signedInAt: iso(session.signedInAtMs),
      usedAt: iso(session.seenAtMs),
      expiresAt: iso(session.expiresAtMs),
      endsAt: iso(session.signedInAtMs + absoluteMs),
    })
  }
  return { kind: 'json', body: { sessions } }
}

/** `DELETE /api/v1/sessions/{id}`: ends it now, for every process of the server. */
export const endSession: AnswerHappening = async ({ id, clientId, ecid, source, services }) => {
  const session = await services.console.findSession(id ?? '')
  if (session === null) {
    return problem('SESSION_UNKNOWN', {
      detail: 'It has ended already, or never was.',
      fix: 'GET sessions lists those there are.',
    })
  }
  const object = (await nameOf(session, services)) ?? session.subjectId
  const { digest } = session
  await services.console.write({
    kind: 'sign-out',
    digest,
    actor: clientId,
    object,
    ecid,
    source,
  })
  return { kind: 'json', body: { ended: digest } }
}
