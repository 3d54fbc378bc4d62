import { type Command, Option } from 'commander'
import { examples, finish, withOutput, withSession, withYes } from './describe.ts'

const algorithm = () =>
  new Option('--algorithm <algorithm>', 'of this algorithm only').choices(['ES256', 'RS256'])

/** `mintmark key`. */
export const addKeys = (program: Command): void => {
  const key = examples(program.command('key').description('the keys that sign tokens'), [
    'mintmark key list',
    'mintmark key rotate --algorithm ES256',
  ])
  examples(withSession(withOutput(key.command('list'))), [
    'mintmark key list',
    'mintmark key list -o json --profile production',
  ])
    .description('every signing key with its state and age, and what comes next when')
    .action((options) => finish(async () => (await import('../commands/key.ts')).keyList(options)))
  examples(withSession(withOutput(key.command('rotate'))), [
    'mintmark key rotate',
    'mintmark key rotate --algorithm RS256',
  ])
    .description('publish a successor now; it signs ten minutes later, and no token is lost')
    .addOption(algorithm())
    .action((options) =>
      finish(async () => (await import('../commands/key.ts')).keyRotate(options)),
    )
  examples(withSession(withOutput(withYes(key.command('revoke <kid>')))), [
    'mintmark key revoke 2026-11-21-5f0c2e7b',
    'mintmark key revoke 2026-11-21-5f0c2e7b --yes',
  ])
    .description('emergency: withdraw a key at once, and end every token that it has signed')
    .action((kid, options) =>
      finish(async () => (await import('../commands/key.ts')).keyRevoke(kid, options)),
    )
  examples(withSession(withOutput(key.command('doctor'))), [
    'mintmark key doctor',
    'mintmark key doctor -o json',
  ])
    .description(
      'whether the master key opens all that is sealed, and when keys change; exit 6: no',
    )
    .action((options) =>
      finish(async () => (await import('../commands/key.ts')).keyDoctor(options)),
    )
}
