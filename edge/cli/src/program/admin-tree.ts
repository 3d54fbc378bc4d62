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

const addSessions = (admin: Command): void => {
  const sessions = examples(
    admin.command('sessions').description('who is signed in at the console'),
    ['mintmark admin sessions list', 'mintmark admin sessions end 4hCUbsGbkxYd5K6wvQzR'],
  )
  examples(withSession(withOutput(sessions.command('list'))), [
    'mintmark admin sessions list',
    'mintmark admin sessions list -o json --profile production',
  ])
    .description('who is signed in at the console, by what, from where, until when')
    .action((options) =>
      finish(async () =>
        (await import('../commands/admin-sessions.ts')).adminSessionsList(options),
      ),
    )
  examples(withSession(sessions.command('end <id>')), [
    'mintmark admin sessions end 4hCUbsGbkxYd5K6wvQzR',
    'mintmark admin sessions end "$(mintmark admin sessions list -o name | head -n 1)"',
  ])
    .description('ends a session now')
    .action((id, options) =>
      finish(async () =>
        (await import('../commands/admin-sessions.ts')).adminSessionsEnd(id, options),
      ),
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
    'mintmark admin pair --user zoe',
    'xdg-open "$(mintmark admin pair -o name)"',
  ])
    .description('an address of the console that signs in once, within 10 minutes')
    .option('--user <name>', 'whom it signs in; administrator unless said')
    .action((options) =>
      finish(async () => (await import('../commands/admin-pair.ts')).adminPair(options)),
    )
  addRoles(admin)
  addSessions(admin)
}
