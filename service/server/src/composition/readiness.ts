import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Statements } from '@mintmark/storage/database'
import type { Services } from '../services.ts'

const patienceMs = 350

/**
 * Asks a database on the network now: what it last answered may be a second old. Whoever asks
 * meanwhile gets the same answer.
 */
export const storeAsker = (statements: Statements): (() => Promise<string | null>) => {
  let asking: Promise<string | null> | null = null
  const ask = async (): Promise<string | null> => {
    const answered = statements.all('SELECT 1 AS there', []).then(
      () => null,
      (error: Error) => error.message,
    )
    const late = sleep(patienceMs, `PostgreSQL has not answered for ${patienceMs} ms`)
    // an answer that came while this process was busy is read before it is called late
    return Promise.race([answered, late.then((why) => turn(why))])
  }
  return () => {
    asking ??= ask().finally(() => {
      asking = null
    })
    return asking
  }
}

/** Ready: the database answers, the catalog can be read, and there is a key of each algorithm. */
export const notReady =
  (
    failureOfStore: () => Promise<string | null>,
    registry: Pick<Services['registry'], 'catalog'>,
  ): Services['notReady'] =>
  async () => {
    const failure = await failureOfStore()
    if (failure !== null) return [`database: ${failure}`]
    try {
      const catalog = await registry.catalog()
      return Object.entries(catalog.activeKey)
        .filter(([, key]) => key === null)
        .map(([algorithm]) => `signing keys: none is active for ${algorithm}`)
    } catch (error) {
      return [`database: ${(error as Error).message}`]
    }
  }
