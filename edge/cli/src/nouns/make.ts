import { applyDomainFile, type ShownSecret } from '../domain-file/apply-domain-file.ts'
import type { Json, Send } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'

/** Places in a file mean nothing to who typed no file. */
const withoutPlaces = (message: string): string =>
  message
    .split('\n')
    .filter((line) => !line.startsWith('    '))
    .map((line) => line.replace(/^\S*command line:\d+:\d+ {2}(?:[^:"]*: )?/, ''))
    .join(' ')

/**
 * Makes something new as an entry of a domain file would: all of it in one transaction, names
 * looked up, secrets told once.
 */
export const make = async (
  send: Send,
  document: Json,
  nowMs: number,
  readBeside: (path: string) => string,
): Promise<readonly ShownSecret[]> => {
  const { stringify } = await import('yaml')
  const result = await applyDomainFile({
    source: {
      files: [{ name: 'command line', text: stringify(document) }],
      readBeside: (_file, path) => readBeside(path),
    },
    send,
    nowMs,
  })
  if (result.ok) return result.value.secrets
  const { exitCode, message } = result.failure
  // A name that nothing has is a mistake of a file, and not found for who typed it.
  const isUnknown = /^(?:No |API ".*" has no )/m.test(withoutPlaces(message))
  const code = exitCode === exitCodes.invalidInput && isUnknown ? exitCodes.notFound : exitCode
  throw new CommandFault(code, withoutPlaces(message))
}
