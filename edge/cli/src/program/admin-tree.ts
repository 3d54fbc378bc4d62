import type { Command } from 'commander'
import { examples, finish, withOutput, withSession, withYes } from './describe.ts'

const withGrantee = (command: Command): Command =>
  command.option('--user', 'it is a user').option('--group', 'it is a group')

const addRoles = (admin: Command): void => {
  examples(withSession(withOutput(admin.command('list'))), [
    'mintmark admin list',
    'mintmark admin list -o json --profile production',
  ])
    .description('who administers the domain: applications, users and groups, and by which role')
    .action((options) =>
      finish(async () => (await import('../commands/admin.ts')).adminList(options)),
    )
  examples(withGrantee(withSession(admin.command('add <who>'))), [
    'mintmark admin add ops',
    'mintmark admin add "Night shift" --group --role "Help Desk Administrator"',
  ])
    .description('give an application, a user or a group a role of the domain')
    .option('--role <role>', 'which role', 'Identity Domain Administrator')
    .action((who, options) =>
      finish(async () => (await import('../commands/admin.ts')).adminAdd(who, options)),
    )
  examples(withGrantee(withSession(withYes(admin.command('remove <who>')))), [
    'mintmark admin remove ops',
    'mintmark admin remove "Night shift" --group --role "Help Desk Administrator" --yes',
  ])
    .description('take roles of the domain; asks for the name, and never takes the last one')
    .option('--role <role>', 'which role; without it, all of them')
    .action((who, options) =>
      finish(async () => (await import('../commands/admin.ts')).adminRemove(who, options)),
    )
}

/** `mintmark admin`. */
export const addAdmin = (program: Command): void => {
  const admin = examples(
    program.command('admin').description('who administers, and letting a browser in'),
    ['mintmark admin pair', 'mintmark admin list'],
  )
  examples(withSession(withOutput(admin.command('pair'))), [
    'mintmark admin pair',
    'xdg-open "$(mintmark admin pair -o name)"',
  ])
    .description('an address of the console that signs in once, within 10 minutes')
    .action((options) =>
      finish(async () => (await import('../commands/admin-pair.ts')).adminPair(options)),
    )
  addRoles(admin)
}
