import { secretContext } from '../proof/prove-assertion.ts'
import { loadSigningKey } from '../signing/signing-keys.ts'
import { checkNames } from './audit.ts'
import type { AnswerHappening } from './happening.ts'
import { toldKeys } from './keys.ts'

/** Named in one answer; the count is of all. */
const namedMax = 100

const opens = (work: () => unknown): boolean => {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** `GET /api/v1/keys/check`: whether the master key opens every record that is sealed. */
export const checkKeys: AnswerHappening = async (call) => {
  const { services, query } = call
  const wrong = checkNames(query, new Set())
  if (wrong !== null) return wrong
  const { masterKey } = services
  const unopened: { record: string; id: string }[] = []
  let sealed = 0
  let failed = 0
  const look = (record: string, id: string, open: () => unknown): void => {
    sealed += 1
    if (opens(open)) return
    failed += 1
    if (unopened.length < namedMax) unopened.push({ record, id })
  }
  for (const key of (await services.registry.catalog()).signingKeys) {
    look('signing-key', key.kid, () => loadSigningKey(key, masterKey))
  }
  for await (const { id, applicationId, sealed: text } of services.sealedSecrets()) {
    look('client-secret', id, () => masterKey.unseal(text ?? '', secretContext(applicationId)))
  }
  const told = await toldKeys(call)
  const source = services.masterKeySource
  return { kind: 'json', body: { ok: failed === 0, masterKey: source, sealed, unopened, ...told } }
}
