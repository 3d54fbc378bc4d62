/**
 * The guard without a framework, and the types of all of them. An API usually imports the one of
 * its framework instead: `@mintmark/guard/express`, `/fastify`, `/hono`, `/node`, `/web`.
 */
export {
  type Caller,
  createGuard,
  type Guard,
  type GuardStatus,
  type Refused,
  type Verdict,
} from './guard.ts'
export type { GuardEvent, GuardOptions } from './guard-options.ts'
export type { GuardReason, GuardRefusal } from './guard-refusal.ts'
export type { GuardRequest } from './guard-request.ts'
export type { IntrospectionOptions } from './introspect-token.ts'
export type { AccountOptions, FindAccount, LocalAccount } from './local-account.ts'
export type { LocalSession } from './local-session.ts'
export type { GuardAnswer } from './refusal-answer.ts'
export { type Requirement, type RequirementWish, readRequirement } from './requirement.ts'
export type { RevocationOptions, RevocationStatus } from './revocation-options.ts'
export type { CertificateForm, CertificateOptions, DpopOptions } from './sender-options.ts'
export type { TokenProfileName } from './token-profile.ts'
export type { ValidatedToken } from './validated-token.ts'
