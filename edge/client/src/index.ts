/** What callers import: everything else in this package may change without notice. */
export type { AccessToken } from './access-token.ts'
export { ClientError, type FailureReason } from './client-error.ts'
export type { ClientEvent } from './client-event.ts'
export type { ClientKey } from './client-key.ts'
export type { ClientOptions } from './client-options.ts'
export { type Client, createClient, type TokenWish } from './create-client.ts'
