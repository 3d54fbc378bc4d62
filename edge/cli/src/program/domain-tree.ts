import type { Command } from 'commander'
import { examples, finish, withOutput, withSession, withYes } from './describe.ts'

/** `mintmark apply` and `export`. */
export const addDomainFile = (program: Command): void => {
  examples(withSession(withYes(program.command('apply'))), [
    'mintmark apply -f domain.yaml --dry-run',
    'mintmark apply -f domain.d/ -o env > .env',
  ])
    .description('make the domain as a file says, in one transaction; shows the difference first')
    .requiredOption('-f, --file <path>', 'domain file, a folder of them, or - for standard input')
    .option('--dry-run', 'show and check, change nothing; exit 10 when there are changes')
    .option('--prune', 'remove what the parts of the file do not name; asks for each name')
    .option('-o, --output <form>', 'text, env or json', 'text')
    .action((options) => finish(async () => (await import('../commands/apply.ts')).apply(options)))
  examples(withSession(program.command('export')), [
    'mintmark export > domain.yaml',
    'mintmark export | mintmark apply -f - --dry-run --profile production',
  ])
    .description('the whole domain as a file that apply reads; no secrets in it')
    .option('-f, --file <path>', 'where to write it; otherwise standard output')
    .action((options) =>
      finish(async () => (await import('../commands/export.ts')).exportCommand(options)),
    )
}

/** `mintmark login`. */
export const addLogin = (program: Command): void => {
  examples(withSession(program.command('login [url]')), [
    'mintmark login https://auth.example --client-id ops --client-secret-stdin < secret',
    'mintmark login https://auth.example --client-id ops --profile production --keep-secret',
  ])
    .description('try who signs in, and remember it as a profile')
    .option('--keep-secret', 'keep the secret in the profile too, readable by you alone')
    .action((url, options) =>
      finish(async () => (await import('../commands/login.ts')).login(url, options)),
    )
}

const addAudit = (program: Command): void => {
  const audit = examples(program.command('audit').description('what has been done, and by whom'), [
    'mintmark audit list --result refused --limit 20',
    'mintmark audit export --from 2026-01-01 > audit.ndjson',
  ])
  examples(withSession(withOutput(audit.command('list'))), [
    'mintmark audit list --actor nightly-billing --from 2026-11-21',
    'mintmark audit list --reason SCOPE_NOT_GRANTED -o json',
  ])
    .description('events, newest first')
    .option('--action <action>', 'e.g. token, application.create')
    .option('--actor <client id>', 'who did it')
    .option('--object <object>', 'what it was done to')
    .option('--result <result>', 'ok or refused')
    .option('--reason <reason>', 'e.g. SCOPE_NOT_GRANTED')
    .option('--ecid <id>', 'the id of the answer')
    .option('--from <time>', 'e.g. 2026-11-21T12:00:00Z')
    .option('--to <time>', 'e.g. 2026-11-22')
    .option('--limit <number>', 'at most so many')
    .action((options) =>
      finish(async () => (await import('../commands/audit.ts')).auditList(options)),
    )
  examples(withSession(audit.command('export')), [
    'mintmark audit export > audit.ndjson',
    'mintmark audit export --from 2026-01-01 --to 2026-02-01 | gzip > january.ndjson.gz',
  ])
    .description('everything on record, as lines of JSON in packs that are chained by hash')
    .option('--from <time>', 'e.g. 2026-11-21T12:00:00Z')
    .option('--to <time>', 'e.g. 2026-11-22')
    .action((options) =>
      finish(async () => (await import('../commands/audit.ts')).auditExport(options)),
    )
  addVerify(audit)
}

const addVerify = (audit: Command): void => {
  examples(withSession(audit.command('verify [file]')), [
    'mintmark audit verify audit.ndjson --keys jwks.json',
    'mintmark audit verify audit.ndjson --keys jwks.json --checkpoint last-week.jws',
    'mintmark audit verify --server --from 2026-11-01',
  ])
    .description('whether an export is whole: hashes, gaps, checkpoints; offline; exit 6 when not')
    .option('--keys <file>', 'the key set of the server, for the signatures of checkpoints')
    .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere')
    .option('--server', 'instead of a file: the server computes its own hashes anew')
    .option('--from <time>', 'with --server; a day ago unless said')
    .option('--to <time>', 'with --server; now unless said')
    .option('-o, --output <form>', 'text or json', 'text')
    .action((file, options) =>
      finish(async () => {
        if (options.server === true && file === undefined) {
          return (await import('../commands/audit-server.ts')).auditVerifyServer(options)
        }
        return (await import('../commands/audit-verify.ts')).auditVerify(file, options)
      }),
    )
  examples(withSession(audit.command('checkpoint')), [
    'mintmark audit checkpoint > last-week.jws',
    'mintmark audit checkpoint --profile production | tee -a /mnt/elsewhere/checkpoints',
  ])
    .description('the newest hash of the chain, signed; to keep where the server cannot write')
    .action((options) =>
      finish(async () => (await import('../commands/audit-server.ts')).auditCheckpoint(options)),
    )
}

/** Which requests to the OAuth endpoints. */
const withFilter = (command: Command): Command =>
  command
    .option('--denied', 'only those that were refused')
    .option('--app <app>', 'only of this application')
    .option('--api <api>', 'only those that got a token for this API, or asked for one')
    .option('--reason <reason>', 'only refusals for this reason')

const addLogs = (program: Command): void => {
  const logs = examples(program.command('logs').description('requests as they are answered'), [
    'mintmark logs tail --denied',
    'mintmark logs tail --app nightly-billing -o json',
  ])
  examples(withFilter(withSession(withOutput(logs.command('tail')))), [
    'mintmark logs tail --denied --api Orders',
    'mintmark logs tail --reason SCOPE_NOT_GRANTED --count 1',
  ])
    .description('one line for each request to the OAuth endpoints, until interrupted')
    .option('--recent <number>', 'how many of those before come first', '10')
    .option('--count <number>', 'end after so many lines')
    .action((options) =>
      finish(async () => (await import('../commands/logs.ts')).logsTail(options)),
    )
  examples(withFilter(withSession(withOutput(logs.command('search [text]')))), [
    'mintmark logs search --denied --since 15m',
    'mintmark logs search orders.write --app nightly-billing -o json',
  ])
    .description('among the last 500 requests that each process remembers; older: audit list')
    .option('--since <time>', 'e.g. 15m, 2h, 2026-11-21T12:00:00Z')
    .option('--limit <number>', 'at most so many, the newest', '50')
    .action((text, options) =>
      finish(async () => (await import('../commands/logs.ts')).logsSearch(text, options)),
    )
}

/** `mintmark explain`, `logs` and `audit`. */
export const addHappenings = (program: Command): void => {
  examples(withSession(withOutput(program.command('explain <app-or-request> [api] [scope...]'))), [
    'mintmark explain nightly-billing Orders orders.write',
    'mintmark explain 5a1f0c2e7b',
    'mintmark explain --who Orders orders.write',
  ])
    .description('why yes, why no, and the command that would change it; exit 8 on no')
    .option('--who', 'the other way round: API and scope, and which applications reach it, and how')
    .option('--csv', 'with --who: a line for each way, for spreadsheets')
    .action((first, api, scopes, options) =>
      finish(async () => {
        const words = [first, ...(api === undefined ? [] : [api]), ...scopes]
        if (options.who === true) {
          return (await import('../commands/explain-who.ts')).explainWho(words, options)
        }
        return (await import('../commands/explain.ts')).explain(words, options)
      }),
    )
  addLogs(program)
  addAudit(program)
}
