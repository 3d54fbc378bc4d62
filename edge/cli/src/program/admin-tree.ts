import type { Command } from 'commander'
import { examples, finish, withOutput, withSession } from './describe.ts'

/** `mintmark admin pair`. */
export const addAdmin = (program: Command): void => {
  const admin = examples(program.command('admin').description('who may administer by a browser'), [
    'mintmark admin pair',
    'mintmark admin pair --profile production -o json',
  ])
  examples(withSession(withOutput(admin.command('pair'))), [
    'mintmark admin pair',
    'xdg-open "$(mintmark admin pair -o name)"',
  ])
    .description('an address of the console that signs in once, within 10 minutes')
    .action((options) =>
      finish(async () => (await import('../commands/admin-pair.ts')).adminPair(options)),
    )
}
