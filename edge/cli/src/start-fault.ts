/**
 * Faults of starting that a person can mend: the text says how. Others are ours: they keep their
 * stack.
 */
export const startFault = (error: unknown): string => {
  const fault = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  }
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
  const mendable = [
    'MasterKeyFault',
    'DataDirectoryInUse',
    'SchemaRefused',
    'DatabaseFault',
    'CopyRefused',
    'BackupRefused',
  ]
  if (mendable.includes(fault.constructor.name)) return `✖ Cannot start: ${fault.message}\n`
  return `✖ Cannot start: ${fault.stack ?? String(error)}\n`
}

const explain = (what: string, fix: string): string => `✖ Cannot start: ${what}\n  ${fix}\n`
