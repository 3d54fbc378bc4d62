/** One server for a test file, ended with it. */
import { after } from 'node:test'
import { type DomainOptions, type MintmarkDomain, startMintmark } from './mintmark-domain.ts'
import { NotAskable, type TestDomain } from './test-domain.ts'

const peer = process.env['MINTMARK_CONFORMANCE_PEER']

const start = async (options: DomainOptions): Promise<TestDomain> => {
  if (peer === undefined) return startMintmark(options)
  if (peer !== 'node-oidc-provider') throw new Error(`no peer is called ${peer}`)
  const { startPeer } = await import('../peer/start-peer.ts')
  return startPeer()
}

/** Starts the server that the tests of a file are put to; `peer/run.ts` may name a peer. */
export const useDomain = async (options: DomainOptions = {}): Promise<TestDomain> => {
  const domain = await start(options)
  after(() => domain.stop())
  return domain
}

/** The same for files whose tests only our own server can be asked. */
export const useMintmark = async (options: DomainOptions = {}): Promise<MintmarkDomain> => {
  const domain = await startMintmark(options)
  after(() => domain.stop())
  return domain
}

/** A server of our own for one test; the test ends it. @throws NotAskable where a peer is asked */
export const startOurs = async (options: DomainOptions = {}): Promise<MintmarkDomain> => {
  if (peer !== undefined) throw new NotAskable('only our own server can be asked this')
  return startMintmark(options)
}

const isMintmark = (domain: TestDomain): domain is MintmarkDomain => domain.server === 'mintmark'

/** Our own server behind a domain. @throws NotAskable for a peer */
export const ours = (domain: TestDomain): MintmarkDomain => {
  if (!isMintmark(domain)) throw new NotAskable('only our own server can be asked this')
  return domain
}
