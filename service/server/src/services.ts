import type { RotationPolicy } from '@mintmark/decisions/upkeep/decide-key-rotation'
import type { Refusal } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import type { PublicJwk, SigningAlgorithm } from '@mintmark/registry/application'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'
import type { DomainAddress } from '@mintmark/registry/identity-domain'
import type { Ledger } from '@mintmark/registry/ledger'
import type { RevocationQuestion } from '@mintmark/registry/revocation'
import type { Catalog, ClientSnapshot } from '@mintmark/registry/snapshot'
import type { User } from '@mintmark/registry/user'
import type { AccessReader } from '@mintmark/storage/access-reader'
import type { AuditReader } from '@mintmark/storage/audit-reader'
import type { ConsoleAccount } from '@mintmark/storage/tables/console-account'
import type { ConsoleChallenge, ConsoleSession } from '@mintmark/storage/tables/console-session'
import type { UnusedApplication } from '@mintmark/storage/unused-applications'
import type {
  AdministrationAnswer,
  AdministrationCommand,
} from './administration/administration.ts'
import type { Admission } from './admission/admission.ts'
import type { Workload } from './admission/workload.ts'
import type { MakeBackup } from './backup/make-backup.ts'
import type { ClientAuthorities } from './certificates/client-authorities.ts'
import type { ToldSetting } from './configuration/told-settings.ts'
import type { ConsoleCommand, ConsoleOutcome } from './console/console-command.ts'
import type { DomainFiles } from './domain-files.ts'
import type { CurrentTokens } from './endpoints/current-tokens.ts'
import type { AnswerBody } from './http/answer.ts'
import type { TrustedProxies } from './http/trusted-proxies.ts'
import type { JudgeCall } from './imagined-calls.ts'
import type { LiveRequests } from './live-requests/live-requests.ts'
import type { ProcessReading } from './observability/process-reading.ts'
import type { DpopNonces } from './proof/dpop-nonces.ts'
import type { FindSecret } from './proof/prove-secret.ts'
import type { RevocationFeed } from './revocation-feed/revocation-feed.ts'
import type { KeyRing } from './signing/key-ring.ts'
import type { MasterKey } from './signing/master-key.ts'
import type { ReadToken } from './signing/read-token.ts'
import type { KeyCommand, KeyOutcome } from './upkeep/change-keys.ts'

/** The registry as a worker reads it: warm answers come at once, cold ones cost one statement. */
export interface RegistryCache {
  client(clientId: string): ClientSnapshot | null | Promise<ClientSnapshot | null>
  catalog(): Catalog | Promise<Catalog>
  sequence(): number
}

/** The ledger as the doors use it. */
export interface ServerLedger extends Ledger {
  /** Seconds for which this client and source are locked out; 0: they may try. */
  lockedFor(clientId: string, source: string): number
  /** Packed with others of its kind; nobody waits for it. */
  recordRefusal(event: AuditEvent): void
}

/** The one place that writes: in this process, or in the primary process of a group of workers. */
export interface Writer {
  readonly ledger: ServerLedger
  administer(command: AdministrationCommand): Promise<AdministrationAnswer>
  console(command: ConsoleCommand): Promise<ConsoleOutcome>
  changeKeys(command: KeyCommand): Promise<KeyOutcome>
}

/** What the console knows of who is signed in; read anew by every request. */
export interface ConsoleRecords {
  /** @param digest of the session's token */
  findSession(digest: string): Promise<ConsoleSession | null>
  /** A user, with the built-in roles that it holds now. */
  findUser(
    id: string,
  ): Promise<{ readonly user: User; readonly roleNames: readonly string[] } | null>
  findUserByName(userName: string): Promise<User | null>
  /** How a user signs in without a code. */
  findAccount(userId: string): Promise<ConsoleAccount>
  /** Whose answer a challenge waits for; null: nobody's. */
  findChallenge(
    wanted: Pick<ConsoleChallenge, 'digest' | 'purpose'> & { readonly nowMs: number },
  ): Promise<string | null>
  /** Those that have not ended, the newest first. */
  listSessions(nowMs: number): Promise<readonly ConsoleSession[]>
  clientIdOf(applicationId: string): Promise<string | null>
  write: Writer['console']
}

/** What is known at the end of one call, for log and metrics. */
export interface Spoken {
  readonly result: Result<AnswerBody, Refusal>
  /** Of an answer that is no JSON. */
  readonly mediaType?: string | undefined
  readonly clientId: string | null
  readonly proven: boolean
  /** Nothing was proven, but `clientId` is one of ours. */
  readonly isKnown?: boolean
  readonly detail?: Readonly<Record<string, unknown>> | undefined
  /** Names and values in turn, beside those of every answer. */
  readonly headers?: readonly string[] | undefined
}

/** One call with its circumstances. */
export interface Observation {
  readonly spoken: Spoken
  readonly endpoint: string
  readonly ecid: string
  readonly source: string
  readonly status: number
  readonly milliseconds: number
}

export interface ServiceMetrics {
  /** One token was signed, in so many milliseconds. */
  tokenSigned(algorithm: SigningAlgorithm, milliseconds: number): void
  /** The current token was given once more. */
  tokenReissued(): void
  /** A request met a budget of which there was not enough left. */
  budgetSpent(side: string, mode: string): void
  /** One look into the store, by the name of what was asked. */
  storeAsked(operation: string, milliseconds: number): void
  /** How the processes are doing, all of them together. */
  readProcesses(): Promise<ProcessReading>
  /** The text of `/metrics`, all processes of the server together. */
  render(): Promise<string>
}

/** The database as it answered just now. */
export interface ToldData {
  readonly kind: 'sqlite' | 'postgresql'
  readonly schema: number
  /** Of one look into it. */
  readonly milliseconds: number
  /** Servers that share it, and whether each has heard of every change. */
  readonly servers: readonly { readonly joinedAtMs: number; readonly behind: number }[]
}

/** Everything the doors need, and nothing they could reach around it. Built by `compose.ts`. */
export interface Services {
  readonly registry: RegistryCache
  /** Who was given what, for administrators. */
  readonly access: AccessReader
  /** What is on record, for administrators. */
  readonly audit: AuditReader
  /** Secrets and certificates that expire in a span of time, the soonest first. */
  readonly listExpiring: (fromMs: number, untilMs: number) => Promise<readonly ExpiringCredential[]>
  /** Active clients, older than this, whose secrets were not used since; as many as are enough. */
  readonly listUnused: (beforeMs: number, max: number) => Promise<readonly UnusedApplication[]>
  /** The client id of an application, by its id, client id or display name; null: there is none. */
  readonly findClientId: (name: string) => Promise<string | null>
  readonly ledger: ServerLedger
  readonly administer: Writer['administer']
  readonly console: ConsoleRecords
  readonly changeKeys: Writer['changeKeys']
  /** Where the master key is from. */
  readonly masterKeySource: 'file' | 'command'
  readonly backUp: MakeBackup
  /** Client secrets that are kept sealed, read as they are asked for. */
  readonly sealedSecrets: () => AsyncIterable<ClientSecret>
  readonly rotationPolicy: RotationPolicy
  /** null: this program has none. */
  readonly domainFiles: DomainFiles | null
  /** null: this program knows no guards. */
  readonly judgeCall: JudgeCall | null
  /** How this server was started, for administrators. */
  readonly settings: readonly ToldSetting[]
  /** How its data is doing. */
  readonly tellData: () => Promise<ToldData>
  readonly admission: Admission
  /** What is under way in this process, and whether there is too much of it. */
  readonly workload: Workload
  /** Tokens that may be given again. */
  readonly currentTokens: CurrentTokens
  readonly proxies: TrustedProxies
  readonly masterKey: MasterKey
  readonly clientAuthorities: ClientAuthorities
  readonly keys: KeyRing
  readonly readToken: ReadToken
  readonly findSecret: FindSecret
  readonly payLookUp: (clientId: string) => Promise<unknown>
  readonly remoteKeys: (uri: string, kid: string | null) => Promise<readonly PublicJwk[] | null>
  readonly isRevoked: (token: RevocationQuestion) => boolean | Promise<boolean>
  /** Milliseconds since the epoch, later than all that this server has heard to be ended. */
  readonly nowMs: () => number
  /** What `isRevoked` knows, for whoever checks tokens elsewhere. */
  readonly revocationFeed: RevocationFeed
  /** What has been answered lately, for whoever looks on. */
  readonly liveRequests: LiveRequests
  /** Benchmarks and health checks of one's own: neither limited nor locked out. */
  readonly isExempt: (source: string) => boolean
  readonly address: (catalog: Catalog) => DomainAddress
  /** Protection space of challenges; needs no look-up. */
  readonly realm: () => string
  readonly acceptedAudiences: (catalog: Catalog) => ReadonlySet<string>
  /** Addresses of the token endpoint, as `htu` of a DPoP proof has them. */
  readonly tokenEndpoints: (catalog: Catalog) => readonly string[]
  /** null: proofs need no nonce. */
  readonly dpopNonces: DpopNonces | null
  /** A fault of ours or of the transport, for the log. */
  readonly fault: (ecid: string, reason: string, error: Error) => void
  readonly observe: (observation: Observation) => void
  /** A request was refused unread: more come than can be answered. */
  readonly countShed: (endpoint: string) => void
  readonly metrics: ServiceMetrics
  /** Why what is in this server's memory may be out of date; null: it may be acted on. */
  readonly outOfTouch: () => string | null
  /** Why this server should get no requests now; empty: it is ready. */
  readonly notReady: () => Promise<readonly string[]>
}
