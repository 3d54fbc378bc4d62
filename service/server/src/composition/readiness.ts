import type { Services } from '../services.ts'

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
