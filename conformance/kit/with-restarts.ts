/** A server that one test ends and starts again. */
import {
  type DomainOptions,
  type MintmarkDomain,
  type RestartOptions,
  startMintmark,
} from './mintmark-domain.ts'

/** Ends the present process and starts another on the same data. */
export type Restart = (more?: RestartOptions) => Promise<MintmarkDomain>

/** Runs `work` with a server of its own; whichever process is the last one ends with it. */
export const withRestarts = async (
  options: DomainOptions,
  work: (domain: MintmarkDomain, restart: Restart) => Promise<void>,
): Promise<void> => {
  let current = await startMintmark(options)
  const restart: Restart = async (more) => {
    current = await current.restart(more)
    return current
  }
  try {
    await work(current, restart)
  } finally {
    await current.stop()
  }
}
