import type { Command } from 'commander'
import { examples, finish, withOutput, withSession, withYes } from './describe.ts'

const addBackups = (db: Command): void => {
  examples(withSession(db.command('backup <file>')), [
    'mintmark db backup mintmark-2026-11-21.backup',
    'mintmark db backup nightly.backup --passphrase-file /run/secrets/backup --profile production',
  ])
    .description('all data of a running server, encrypted; the master key is not in it')
    .option('--passphrase-file <path>', 'else MINTMARK_BACKUP_PASSPHRASE')
    .action((file, options) =>
      finish(async () => (await import('../commands/db-backup.ts')).dbBackup(file, options)),
    )
  examples(db.command('restore <file>'), [
    'mintmark db restore mintmark-2026-11-21.backup --data /var/lib/mintmark',
    'mintmark db restore nightly.backup --data ./data --passphrase-file /run/secrets/backup',
    'mintmark db restore nightly.backup --data ./data --database-url-file ./database-url',
  ])
    .description('make the data of a stopped server from a backup, where there is none')
    .option('--data <path>', 'data folder of the server; else its setting')
    .option('--database-url-file <path>', 'file with the URL of an empty PostgreSQL database')
    .option('--passphrase-file <path>', 'else MINTMARK_BACKUP_PASSPHRASE')
    .action((file, options) =>
      finish(async () => (await import('../commands/db-restore.ts')).dbRestore(file, options)),
    )
}

const withData = (command: Command): Command =>
  command
    .option('--config <path>', 'the configuration of the server')
    .option('--data <path>', 'data folder of the server; else its setting')
    .option('--database-url-file <path>', 'file with the URL of a PostgreSQL database')

const addSchema = (db: Command): void => {
  examples(withData(withOutput(db.command('status'))), [
    'mintmark db status --data /var/lib/mintmark',
    'mintmark db status --config /etc/mintmark/mintmark.yaml -o json',
  ])
    .description('the schema of the data, also beside a running server; exit 6 when too new')
    .action((options) =>
      finish(async () => (await import('../commands/db-schema.ts')).dbStatus(options)),
    )
  examples(withData(db.command('migrate')), [
    'mintmark db migrate --data /var/lib/mintmark',
    'mintmark db migrate --config /etc/mintmark/mintmark.yaml',
  ])
    .description('bring the data of a stopped server up to date; its start does the same')
    .action((options) =>
      finish(async () => (await import('../commands/db-schema.ts')).dbMigrate(options)),
    )
}

const addEpoch = (db: Command): void => {
  examples(withData(db.command('epoch')), [
    'mintmark db epoch --database-url-file ./database-url',
    'mintmark db epoch --data /var/lib/mintmark',
  ])
    .description('after data went back in time: refuse what may have been used in the lost time')
    .action((options) =>
      finish(async () => (await import('../commands/db-epoch.ts')).dbEpoch(options)),
    )
}

const withUnit = (command: Command): Command =>
  command.option('--unit-file <path>', 'the unit', '/etc/systemd/system/mintmark.service')

/** `mintmark service`. */
export const addService = (program: Command): void => {
  const service = examples(program.command('service').description('the server under systemd'), [
    'mintmark service install --dry-run',
    'mintmark service remove',
  ])
  examples(withUnit(service.command('install')), [
    'mintmark service install --dry-run',
    'sudo mintmark service install --config /etc/mintmark/mintmark.yaml',
  ])
    .description('a unit that starts this command with its configuration, and may do nothing else')
    .option('--config <path>', 'its configuration', '/etc/mintmark/mintmark.yaml')
    .option('--user <name>', 'whom it runs as', 'mintmark')
    .option('--dry-run', 'print the unit, change nothing')
    .action((options) =>
      finish(async () => (await import('../commands/service.ts')).serviceInstall(options)),
    )
  examples(withUnit(withYes(service.command('remove'))), [
    'sudo mintmark service remove',
    'sudo mintmark service remove --yes',
  ])
    .description('stop the service and take its unit away; the data stays; asks for its name')
    .action((options) =>
      finish(async () => (await import('../commands/service.ts')).serviceRemove(options)),
    )
}

/** `mintmark status`. */
export const addStatus = (program: Command): void => {
  examples(withSession(withOutput(program.command('status [url]'))), [
    'mintmark status https://auth.example.com',
    'mintmark status --config /etc/mintmark/mintmark.yaml',
  ])
    .description('whether a server is ready, its version and keys; exit 6: not ready, 7: not there')
    .option('-q, --quiet', 'say it by the exit code alone')
    .option('--config [path]', 'instead: every setting with its value and where it came from')
    .action((url, options) =>
      finish(async () => (await import('../commands/status.ts')).status(url, options)),
    )
}

/** `mintmark dev`, `serve` and `db`. */
export const addServer = (program: Command): void => {
  examples(program.command('dev'), [
    'mintmark dev',
    'mintmark dev --port 9000 --directory /tmp/domain',
  ])
    .description('a playground on this computer: demo API, demo application, a curl to paste')
    .option('--directory <path>', 'where its data is kept', './.mintmark')
    .option('--port <number>', 'first port to try for http', '8480')
    .option('--tls-port <number>', 'first port to try for https', '8482')
    .action((options) => finish(async () => (await import('../commands/dev.ts')).dev(options)))
  // its flags are the settings, which have a page and a help of their own
  program
    .command('serve')
    .description('run the server; settings from file, environment and flags')
    .allowUnknownOption(true)
    .allowExcessArguments(true)
    .helpOption(false)
    .action(() =>
      finish(async () => (await import('../commands/serve.ts')).serve(process.argv.slice(3))),
    )
  const db = program.command('db').description('what the server keeps its data in')
  examples(db.command('copy'), [
    'MINTMARK_DATABASE_URL_FILE=./database-url mintmark db copy --data ./data',
    'mintmark db copy --data /var/lib/mintmark --database-url-file ./database-url',
  ])
    .description('copy the data of a stopped server into an empty PostgreSQL database')
    .option('--data <path>', 'data folder of the server; else its setting')
    .option('--database-url-file <path>', 'file with the URL to copy to; else the setting')
    .action((options) =>
      finish(async () => (await import('../commands/db-copy.ts')).dbCopy(options)),
    )
  addBackups(db)
  addSchema(db)
  addEpoch(db)
}
