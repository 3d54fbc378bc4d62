import type { Command } from 'commander'
import { examples, finish, withOutput, withSession } from './describe.ts'

/** `mintmark overview` and `health`. */
export const addLooking = (program: Command): void => {
  examples(withSession(withOutput(program.command('overview'))), [
    'mintmark overview',
    'mintmark overview -o json --profile production',
  ])
    .description('the last hour in numbers, and what needs attention')
    .action((options) =>
      finish(async () => (await import('../commands/overview.ts')).overview(options)),
    )
  examples(withSession(withOutput(program.command('health'))), [
    'mintmark health',
    'mintmark health -o json --profile production',
  ])
    .description('database, servers, processes, cache and clock, from inside; exit 6: not ready')
    .action((options) =>
      finish(async () => (await import('../commands/health.ts')).health(options)),
    )
}

/** `mintmark access`. */
export const addAccess = (program: Command): void => {
  const access = examples(program.command('access').description('who was given what'), [
    'mintmark access map --api Orders',
    'mintmark explain --who Orders orders.write',
  ])
  examples(withSession(withOutput(access.command('map'))), [
    'mintmark access map',
    'mintmark access map --api Orders --use unused',
  ])
    .description('what applications were given of which APIs, and when it was last used')
    .option('--app <app>', 'only this application')
    .option('--api <api>', 'only of this API')
    .option('--status <status>', 'active or inactive: only such applications')
    .option('--tag <tag>', 'key or key=value: only applications with this tag')
    .option('--use <use>', 'day, month or unused: only what was used in that time, or was not')
    .action((options) =>
      finish(async () => (await import('../commands/access-map.ts')).accessMap(options)),
    )
}

/** `mintmark settings`. */
export const addSettings = (program: Command): void => {
  const settings = examples(
    program.command('settings').description('what holds for the domain, and for the server'),
    ['mintmark settings list', 'mintmark settings set issuer https://id.example'],
  )
  examples(withSession(withOutput(settings.command('list'))), [
    'mintmark settings list',
    'mintmark settings list -o json --profile production',
  ])
    .description('every setting with its value and where it came from')
    .action((options) =>
      finish(async () => (await import('../commands/settings.ts')).settingsList(options)),
    )
  examples(withSession(withOutput(settings.command('get <key>'))), [
    'mintmark settings get issuer',
    'mintmark settings get keyRotation -o json',
  ])
    .description('one value')
    .action((key, options) =>
      finish(async () => (await import('../commands/settings.ts')).settingsGet(key, options)),
    )
  examples(withSession(settings.command('set <key> <value>')), [
    'mintmark settings set issuer https://id.example',
    'mintmark settings set signingCertPublicAccess true',
  ])
    .description('change a setting of the domain; those of the server change where they were set')
    .action((key, value, options) =>
      finish(async () =>
        (await import('../commands/settings.ts')).settingsSet(key, value, options),
      ),
    )
}
