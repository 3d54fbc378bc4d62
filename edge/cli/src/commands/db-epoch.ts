import { runCommand } from '../session/command-fault.ts'
import { processTerminal } from '../session/terminal.ts'
import { type DataFlags, dataOf, orFault } from './db-schema.ts'

/** `mintmark db epoch`: says to data that it may have lost what was acknowledged. */
export const dbEpoch = (flags: DataFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const options = dataOf(flags, terminal)
    const { beginEpoch } = await import('@mintmark/server/backup/begin-epoch')
    const atMs = await orFault(beginEpoch(options), 'begin an epoch')
    terminal.writeError(
      `✔ Assertions and DPoP proofs made before ${new Date(atMs).toISOString()} are refused.\n` +
        '  Guards that follow revocations read all of them again; nobody is signed in.\n' +
        '  What was lost is lost: secrets, roles, revocations. If tokens were revoked in that\n' +
        '  time, end all that the keys signed: mintmark key revoke KEY, each.\n',
    )
    return undefined
  }, terminal)
