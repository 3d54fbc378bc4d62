#!/usr/bin/env node
import type { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { keepYoung } from './keep-young.ts'
import { withIdsLast } from './program/minted-ids.ts'
import { createProgram } from './program/program.ts'

// What the command line itself refuses is a usage error: exit 2, as the table of exit codes says.
const exitAsStated = (command: Command): void => {
  command.exitOverride((fault) => process.exit(fault.exitCode === 0 ? 0 : exitCodes.usage))
  for (const each of command.commands) exitAsStated(each)
}

keepYoung()
const program = createProgram()
exitAsStated(program)
await program.parseAsync(withIdsLast(process.argv.slice(2)), { from: 'user' })
