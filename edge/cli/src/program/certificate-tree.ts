import type { Command } from 'commander'
import { examples, finish, withOutput, withSession, withYes } from './describe.ts'

const withAuthority = (command: Command): Command =>
  command.option('--authority', 'of authorities that vouch for clients, not of clients')

/** `mintmark certificate`. */
export const addCertificates = (program: Command): void => {
  const certificate = examples(
    program.command('certificate').description('certificates of clients, and trusted authorities'),
    ['mintmark certificate add billing billing.crt', 'mintmark certificate list'],
  )
  examples(withAuthority(withSession(withOutput(certificate.command('list')))), [
    'mintmark certificate list',
    'mintmark certificate list --authority -o json',
  ])
    .description('certificates in the store of the domain, those that end first above')
    .action((options) =>
      finish(async () => (await import('../commands/certificate.ts')).certificateList(options)),
    )
  examples(withAuthority(withSession(certificate.command('add <alias> <file>'))), [
    'mintmark certificate add billing billing.crt',
    'mintmark certificate add partner partner-ca.crt --authority',
  ])
    .description('store a certificate, in PEM, under an alias')
    .action((alias, file, options) =>
      finish(async () =>
        (await import('../commands/certificate.ts')).certificateAdd(alias, file, options),
      ),
    )
  examples(withAuthority(withSession(withYes(certificate.command('remove <alias>')))), [
    'mintmark certificate remove billing',
    'mintmark certificate remove partner --authority --yes',
  ])
    .description('remove one that no application names; asks for its alias')
    .action((alias, options) =>
      finish(async () =>
        (await import('../commands/certificate.ts')).certificateRemove(alias, options),
      ),
    )
}
