import { hash } from 'node:crypto'
import type { TokenFacts } from '@mintmark/decisions/afterlife/token-facts'
import { normalizeDpopUrl } from '@mintmark/protocol/rfc9449-dpop-proof'
import type { Catalog } from '@mintmark/registry/snapshot'
import type { FastifyRequest } from 'fastify'
import { receiveCertificate } from '../http/receive.ts'
import type { Services } from '../services.ts'
import { newEcid } from '../signing/random-ids.ts'
import { proveDpop } from './prove-dpop.ts'

/** A token as it was shown to an API of our own. */
export interface ShownToken {
  readonly text: string
  readonly scheme: 'bearer' | 'dpop'
  readonly facts: TokenFacts
  readonly request: FastifyRequest
}

/**
 * RFC 8705 §3, RFC 9449 §7.1: whether a bound token is shown by whoever holds its certificate and
 * its key. What is bound to neither is a bearer token, and shown as one.
 */
export const isSenderProven = async (
  shown: ShownToken,
  catalog: Catalog,
  services: Services,
  nowMs: number,
): Promise<boolean> => {
  const { cnf } = shown.facts.claims
  if (typeof cnf !== 'object' || cnf === null) return shown.scheme === 'bearer'
  const { 'x5t#S256': x5t, jkt } = cnf as Readonly<Record<string, unknown>>
  if (x5t !== undefined && !showsCertificate(x5t, shown.request, services)) return false
  if (jkt === undefined) return x5t !== undefined && shown.scheme === 'bearer'
  return shown.scheme === 'dpop' && (await provesKey(jkt, shown, catalog, services, nowMs))
}

const showsCertificate = (x5t: unknown, { raw }: FastifyRequest, services: Services): boolean => {
  const certificate = receiveCertificate(raw, services.proxies)
  return certificate.ok && certificate.value?.x5tS256 === x5t
}

/** The proof is used up on the ledger: no other worker takes it either, and it is on record. */
const provesKey = async (
  jkt: unknown,
  { text, facts, request }: ShownToken,
  catalog: Catalog,
  services: Services,
  nowMs: number,
): Promise<boolean> => {
  const field = request.headers['dpop']
  if (typeof field !== 'string') return false
  const { url, secureUrl } = services.address(catalog)
  const [path = ''] = (request.raw.url ?? '').split('?', 1)
  const bases = secureUrl === null ? [url] : [url, secureUrl]
  const key = proveDpop(field, {
    method: request.method,
    urls: bases.flatMap((base) => normalizeDpopUrl(base + path) ?? []),
    tokenDigest: hash('sha256', text, 'base64url'),
    nonces: null,
    nowMs,
  })
  if (!key.ok || key.value.thumbprint !== jkt) return false
  const recorded = await services.ledger.record({
    event: {
      at: nowMs,
      ecid: newEcid(),
      action: 'proof',
      result: 'ok',
      actor: facts.clientId,
      object: facts.jti,
    },
    once: [key.value.once],
    clientId: null,
    sequence: 0,
  })
  return recorded === 'recorded'
}
