import {
  sampleClaim,
  sampleGroup,
  samplePartnerCertificate,
  sampleUser,
} from '../../contract-people.ts'
import {
  domainA,
  sampleApplication,
  sampleCertificate,
  sampleDomain,
  sampleGrant,
  sampleKey,
  sampleResourceServer,
  sampleRole,
  sampleSecret,
} from '../../contract-records.ts'
import type { Database } from '../../database.ts'
import { createLedger } from '../../stored-ledger.ts'
import { createChangeSet, openRegistryTransaction } from '../../stored-registry.ts'
import { type ConsoleAccount, putConsoleAccount } from '../../tables/console-account.ts'
import {
  putConsoleChallenge,
  putConsolePairing,
  putConsoleSession,
} from '../../tables/console-session.ts'
import { putIdentityDomain } from '../../tables/identity-domain.ts'

/** The instant at which the golden rows were written. */
export const goldenAtMs = 1_700_000_000_000
export const goldenDomain = domainA

export const goldenApi = sampleApplication(domainA, 'orders', {
  client: null,
  resourceServer: sampleResourceServer,
})
export const goldenClient = sampleApplication(domainA, 'nightly')
export const goldenRole = sampleRole(domainA, goldenApi.id, 'Reader')
export const goldenGrant = sampleGrant(goldenRole, goldenClient.id)
export const goldenSecret = sampleSecret(domainA, goldenClient.id, 'first')
export const goldenCertificate = sampleCertificate(domainA, 'nightly-cert')
export const goldenKey = sampleKey(domainA, 'k1')
export const goldenSettings = {
  issuer: 'https://id.example',
  signingCertPublicAccess: true,
  version: 2,
}
export const goldenUser = sampleUser(domainA, 'Zoë')
export const goldenGroup = sampleGroup(domainA, 'Operators')
export const goldenMember = {
  groupId: goldenGroup.id,
  memberType: 'User',
  memberId: goldenUser.id,
} as const
export const goldenClaim = sampleClaim(domainA, 'region')
export const goldenPartner = samplePartnerCertificate(domainA, 'Partner')
export const goldenRequest = {
  domain: domainA,
  key: 'asked',
  fingerprint: 'same',
  sealedAnswer: 'sealed',
  expiresAtMs: 4_000_000_000_000,
}
export const goldenSession = {
  digest: 'session',
  subjectType: 'User',
  subjectId: goldenUser.id,
  credential: '',
  method: 'pairing-code',
  source: '10.0.0.1',
  signedInAtMs: goldenAtMs,
  provedAtMs: goldenAtMs,
  seenAtMs: goldenAtMs,
  expiresAtMs: 4_000_000_000_000,
} as const
export const goldenAccount: ConsoleAccount = {
  password: 'phc',
  authenticator: { sealed: 'v1.sealed', usedStep: 1, addedAtMs: goldenAtMs },
  passkeys: [
    {
      id: 'id',
      publicKey: 'key',
      counter: 0,
      host: 'localhost',
      label: 'Laptop',
      addedAtMs: goldenAtMs,
    },
  ],
  recoveryDigests: ['one'],
}
export const goldenProof = { owner: 'nightly', proof: 'used', expiresAtSeconds: 4_000_000_000 }
export const goldenAttempt = {
  clientId: 'nightly',
  source: '10.0.0.1',
  reason: 'UNKNOWN_SECRET',
  kind: 'secret',
} as const
export const goldenLimits = {
  secret: { failuresMax: 1, windowSeconds: 60, lockSeconds: 600, lockSecondsMax: 600 },
  token: { failuresMax: 1, windowSeconds: 60, lockSeconds: 600, lockSecondsMax: 600 },
}

/** Opens the ledger as it was at the golden instant. */
export const openGoldenLedger = (database: Database) =>
  createLedger({
    database,
    domainId: goldenDomain,
    now: () => goldenAtMs,
    mode: 'strict',
    queueMax: 10,
    limits: goldenLimits,
  })

/** One row at least in every table. */
export const writeGoldenRows = async (database: Database): Promise<void> => {
  await database.transaction(async (statements) => {
    await putIdentityDomain(statements, sampleDomain(goldenDomain))
    const registry = openRegistryTransaction(statements, goldenDomain, createChangeSet())
    await registry.putApplication(goldenApi)
    await registry.putApplication(goldenClient)
    await registry.putRole(goldenRole)
    await registry.putGrant(goldenGrant)
    await registry.putSecret(goldenSecret)
    await registry.putCertificate(goldenCertificate)
    await registry.attachCertificates(goldenClient.id, [goldenCertificate.id])
    await registry.putSigningKey(goldenKey)
    await registry.putUser(goldenUser)
    await registry.putGroup(goldenGroup)
    await registry.putMembers(goldenGroup.id, [goldenMember])
    await registry.putCustomClaim(goldenClaim)
    await registry.putPartnerCertificate(goldenPartner)
    await registry.putRetriedRequest(goldenRequest)
    await registry.putSettings(goldenSettings)
    await putConsoleSession(statements, goldenDomain, goldenSession)
    const waiting = { digest: 'waiting', expiresAtMs: 4_000_000_000_000 }
    await putConsolePairing(statements, goldenDomain, { ...waiting, userName: goldenUser.userName })
    const subject = { purpose: 'sign-in', subjectId: goldenUser.id } as const
    await putConsoleChallenge(statements, goldenDomain, { ...waiting, ...subject })
    await putConsoleAccount(statements, goldenDomain, goldenUser.id, goldenAccount)
    await registry.putRevocation({
      domain: goldenDomain,
      kind: 'token',
      subject: 'revoked-jti',
      issuedBeforeMs: 0,
      expiresAtMs: 4_000_000_000_000,
    })
    await registry.audit({ at: goldenAtMs, ecid: 'g1', action: 'app.create', result: 'ok' })
  })
  const ledger = await openGoldenLedger(database)
  // long enough to be stored deflated
  const detail = { asked: 'https://orders/read '.repeat(400) }
  const event = {
    at: goldenAtMs,
    ecid: 'g2',
    action: 'token.issue',
    result: 'ok',
    detail,
  } as const
  const gone = { owner: 'nightly', proof: 'gone', expiresAtSeconds: goldenAtMs / 1000 - 300 }
  const once = [goldenProof, gone]
  await ledger.record({ event, once, clientId: 'nightly', sequence: 0 })
  // leaves the mark up to which proofs are forgotten
  await ledger.sweep(goldenAtMs)
  await ledger.recordFailure(goldenAttempt)
  await ledger.close()
}
