import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from './command-fault.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks for the name of what is about to go: whoever types it has read it.
 * @throws CommandFault: exit 2 on another answer, and where nobody can be asked and `--yes` is not
 * there
 */
export const confirmName = async (
  what: string,
  name: string,
  yes: boolean | undefined,
  terminal: Terminal,
): Promise<void> => {
  if (yes === true) return
  if (!terminal.isInteractive) {
    const message = `${what} cannot be undone, and nobody is there to be asked. Add --yes.`
    throw new CommandFault(exitCodes.usage, message)
  }
  const answer = await terminal.ask(`${what} cannot be undone. Type its name, ${name}: `)
  if (answer.trim() === name) return
  throw new CommandFault(exitCodes.usage, 'That is another name. Nothing was changed.')
}
