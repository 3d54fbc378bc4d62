import { type ExitCode, exitCodes } from './exit-codes.ts'

type Fault = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number }

/** Faults whose own words say what to do, by the names of their classes: nothing is loaded here. */
const mendable: Readonly<Record<string, ExitCode>> = {
  MasterKeyFault: exitCodes.invalidInput,
  SchemaRefused: exitCodes.invalidInput,
  DatabaseFault: exitCodes.invalidInput,
  DatabaseDamaged: exitCodes.invalidInput,
  StorageFailed: exitCodes.unexpected,
  CopyRefused: exitCodes.invalidInput,
  BackupRefused: exitCodes.invalidInput,
  DataDirectoryInUse: exitCodes.conflict,
  DatabaseNotReached: exitCodes.unreachable,
}

const lacksPostgres = ({ code, message }: Fault): boolean =>
  code === 'ERR_MODULE_NOT_FOUND' && /'pg'/.test(message)

/** What a start that failed comes to; a supervisor need not try again after 6. */
export const startExitCode = (error: unknown): ExitCode => {
  const fault = error as Fault
  if (fault.code === 'EADDRINUSE') return exitCodes.conflict
  if (fault.code === 'EACCES' || fault.code === 'EPERM') return exitCodes.invalidInput
  if (fault.code === 'EROFS') return exitCodes.invalidInput
  if (lacksPostgres(fault)) return exitCodes.invalidInput
  return mendable[fault.constructor.name] ?? exitCodes.unexpected
}

/**
 * Faults of starting that a person can mend: the text says how. Others are ours: they keep their
 * stack.
 */
export const startFault = (error: unknown): string => {
  const fault = error as Fault
  if (fault.code === 'EADDRINUSE') {
    const door = `${fault.address}:${fault.port}`
    return explain(
      `${door} is in use by another program.`,
      'Choose another with --listen, or stop that program.',
    )
  }
  if (fault.code === 'EACCES' || fault.code === 'EPERM') {
    return explain(fault.message, 'Give this user the right, or choose another path or port.')
  }
  if (fault.code === 'EROFS') {
    return explain(fault.message, 'Mount it for writing, or name another folder with --data.')
  }
  if (fault.code === 'ENOSPC') return explain(fault.message, 'The disk is full: make room on it.')
  if (lacksPostgres(fault)) {
    return explain('PostgreSQL is configured, and the package pg is missing.', 'npm install pg')
  }
  if (mendable[fault.constructor.name] !== undefined) return `✖ Cannot start: ${fault.message}\n`
  return `✖ Cannot start: ${fault.stack ?? String(error)}\n`
}

const explain = (what: string, fix: string): string => `✖ Cannot start: ${what}\n  ${fix}\n`
