/** The four places that say no, each with its reasons and what the code says of them. */

import { type GuardReason, refusalKinds } from '@mintmark/guard/guard-refusal'
import {
  type AdministrationRefusalReason,
  administrationRefusalReasons,
} from '@mintmark/protocol/administration-refusal'
import { type RefusalReason, refusalReasons } from '@mintmark/protocol/refusal'
import { oauthError } from '@mintmark/protocol/rfc6749-error-response'
import { scimError } from '@mintmark/protocol/rfc7644-error'
import { type ProblemReason, problemOf, problemReasons } from '@mintmark/protocol/rfc9457-problem'

/** One reason, as its page tells it. */
export interface ToldReason {
  readonly reason: string
  /** What whoever sent the request reads. */
  readonly answer: string
}

export interface ReasonFamily {
  readonly page: string
  /** As the page calls itself. */
  readonly title: string
  readonly reasons: readonly ToldReason[]
  /** Whether `explain` tells its decisions. */
  readonly isExplained: boolean
  /** Which test files may provoke them. */
  readonly isTestOf: (file: string) => boolean
  /** The file of the list, where a missing word is to be noticed. */
  readonly list: string
  /** Where they are produced. */
  readonly isSourceOf: (file: string) => boolean
}

const oauthAnswer = (reason: RefusalReason): string => {
  const { status, body } = oauthError({ reason }, { ecid: '', issuerRealm: '' })
  return `\`${status} ${body.error}\`: ${body.error_description}`
}

const scimAnswer = (reason: AdministrationRefusalReason): string => {
  const { status, body } = scimError({ reason, what: '' })
  const domainError = Object.values(body).find(
    (value): value is { messageId: string } =>
      typeof value === 'object' && value !== null && 'messageId' in value,
  )
  const scimType = body['scimType'] === undefined ? '' : ` ${body['scimType']}`
  return `\`${status}${scimType}\`, \`${domainError?.messageId ?? ''}\``
}

const problemAnswer = (reason: ProblemReason): string => {
  const { status, title, type } = problemOf(reason, { detail: '' }, '')
  return `\`${status}\` ${title}, \`${type}\``
}

const guardAnswer = (reason: GuardReason): string => {
  const kind: { status: number; title: string; error?: string } = refusalKinds[reason]
  return `\`${kind.status}${kind.error === undefined ? '' : ` ${kind.error}`}\` ${kind.title}`
}

/** Tables of statuses and of log lines name every reason and provoke none. */
const isTable = (file: string): boolean =>
  /^(?:tools|docs)\//.test(file) ||
  /\/(?:rfc6749-error-response|rfc7644-error|rfc9457-problem|log)\.test\.ts$/.test(file)

const isOfGuard = (file: string): boolean =>
  /^edge\/(?:guard|gateway)\/|^conformance\/(?:guard|gateway|front-proxies)|\/gateway\.test\.ts$/.test(
    file,
  )
const isOfHappenings = (file: string): boolean =>
  /^conformance\/(?:explain|audit|backup|reasons-administration|console-session)\b/.test(file) ||
  /^conformance\/(?:revocation-feed|signing-keys)\b/.test(file)
const isOfAdministration = (file: string): boolean =>
  /\/administration\/|^conformance\/(?:scim|administrator|oracle|openapi|reasons-administration)/.test(
    file,
  )

/** What no door can answer, asked of all of them. */
const isOfEveryDoor = (file: string): boolean => /^conformance\/rfc9110-15\.[56]\./.test(file)

const isServer = (file: string): boolean => /^(?:core|service)\//.test(file)

export const families: readonly ReasonFamily[] = [
  {
    page: 'docs/errors/oauth.md',
    title: 'Token, introspection and revocation endpoint',
    reasons: refusalReasons.map((reason) => ({ reason, answer: oauthAnswer(reason) })),
    isTestOf: (file) =>
      !isTable(file) && !isOfGuard(file) && !isOfHappenings(file) && !isOfAdministration(file),
    isExplained: true,
    list: 'core/protocol/src/refusal.ts',
    isSourceOf: (file) => isServer(file) && !file.endsWith('/rfc6749-error-response.ts'),
  },
  {
    page: 'docs/errors/administration.md',
    title: 'Administration API',
    reasons: administrationRefusalReasons.map((reason) => ({ reason, answer: scimAnswer(reason) })),
    isTestOf: (file) =>
      !isTable(file) &&
      (isOfAdministration(file) || isOfEveryDoor(file) || file.startsWith('core/protocol/')),
    isExplained: false,
    list: 'core/protocol/src/administration-refusal.ts',
    isSourceOf: (file) => isServer(file) && !file.endsWith('/rfc7644-error.ts'),
  },
  {
    page: 'docs/errors/happenings.md',
    title: 'API of what has happened',
    reasons: problemReasons.map((reason) => ({ reason, answer: problemAnswer(reason) })),
    isTestOf: (file) => isOfHappenings(file) || isOfEveryDoor(file),
    isExplained: false,
    list: 'core/protocol/src/rfc9457-problem.ts',
    isSourceOf: isServer,
  },
  {
    page: 'docs/errors/guard.md',
    title: 'APIs behind a guard or a gateway',
    reasons: (Object.keys(refusalKinds) as GuardReason[]).map((reason) => ({
      reason,
      answer: guardAnswer(reason),
    })),
    isTestOf: (file) => isOfGuard(file) || /^(?:conformance|examples)\//.test(file),
    isExplained: false,
    list: 'edge/guard/src/guard-refusal.ts',
    isSourceOf: isOfGuard,
  },
]
