import type { Command } from 'commander'
import { examples, finish, several, withSession } from './describe.ts'

/** What each kind of export is, for the help. */
const exports = [
  ['keycloak', 'a realm of Keycloak 26: kc.sh export --realm NAME --users same_file --file FILE'],
  ['hydra', 'clients of Ory Hydra 2: hydra list clients --format json'],
  ['auth0', 'a tenant of Auth0: tenant.yaml of a0deploy export, or the same as JSON'],
  ['idcs', 'Apps, AppRoles and Grants of an Oracle identity domain, as SCIM lists them'],
] as const

/** `mintmark import`. */
export const addImport = (program: Command): void => {
  const all = examples(program.command('import'), [
    'mintmark import keycloak realm.json --dry-run',
    'mintmark import hydra clients.json -o yaml > domain.yaml',
  ]).description('make APIs and applications of the export of another server')
  for (const [from, what] of exports) {
    const one = examples(withSession(all.command(`${from} <file>`)), [
      `mintmark import ${from} FILE --dry-run`,
      `mintmark import ${from} FILE --with-secrets -o env > .env`,
    ])
      .description(what)
      .option('--dry-run', 'show and check, change nothing; exit 10 when there are changes')
      .option('--with-secrets', 'take secrets that the file holds in the clear; never printed')
      .option('--overwrite', 'change what is there already to what the file says')
      .option(
        '-o, --output <form>',
        'text, env, json; yaml: a domain file, nothing is sent',
        'text',
      )
      .action((file, options) =>
        finish(async () =>
          (await import('../commands/import.ts')).importCommand(from, file, options),
        ),
      )
    if (from === 'keycloak' || from === 'hydra') {
      one.option('--audience <audience>', 'the audience of scopes that the file gives none')
    }
  }
}

const withFolder = (command: Command): Command =>
  command.option('--directory <path>', 'the folder of the authority', './ca')

/** `mintmark ca`. */
export const addAuthority = (program: Command): void => {
  const ca = examples(program.command('ca'), [
    'mintmark ca init',
    'mintmark ca issue nightly-billing',
  ]).description('a certificate authority in a folder, for development and tests')
  examples(withFolder(ca.command('init')), [
    'mintmark ca init',
    'mintmark ca init --directory /etc/mintmark/ca',
  ])
    .description('make an authority: ca.crt and ca.key')
    .action((options) => finish(async () => (await import('../commands/ca.ts')).caInit(options)))
  examples(withFolder(ca.command('issue <name>')), [
    'mintmark ca issue nightly-billing',
    'mintmark ca issue auth --server --dns auth.internal --ip 10.0.0.7',
  ])
    .description('issue a client certificate, or with --server one of a server')
    .option('--server', 'for a server')
    .option('--dns <name>', 'a DNS name that it carries; can be repeated', several)
    .option('--ip <address>', 'an IP address that it carries; can be repeated', several)
    .option('--uri <uri>', 'a URI that it carries; can be repeated', several)
    .option('--days <number>', 'how long it is valid, 397 at most')
    .action((name, options) =>
      finish(async () => (await import('../commands/ca.ts')).caIssue(name, options)),
    )
  examples(withFolder(ca.command('list')), ['mintmark ca list', 'mintmark ca list -o json'])
    .description('its certificates, and when they expire')
    .option('-o, --output <form>', 'table or json', 'table')
    .action((options) => finish(async () => (await import('../commands/ca.ts')).caList(options)))
}

/** `mintmark init`. */
export const addInit = (program: Command): void => {
  examples(program.command('init'), [
    'mintmark init',
    'mintmark init --issuer https://auth.example.com --tls proxy --yes',
  ])
    .description('write a checked configuration; asks what no flag says, and overwrites nothing')
    .option('--config <path>', 'the file to write', 'mintmark.yaml')
    .option('--issuer <url>', 'public address of this server')
    .option('--data <path>', 'folder for its data; default: data beside the file')
    .option('--database-url-file <path>', 'a file with the URL of a PostgreSQL database')
    .option(
      '--tls <who>',
      'proxy: one in front does it; files: a certificate of yours; development',
    )
    .option('--trusted-proxy <address>', 'with --tls proxy; default 127.0.0.1', several)
    .option('--cert <path>', 'with --tls files: the certificate with its chain')
    .option('--key <path>', 'with --tls files: its private key')
    .option('--listen <address>', 'the plain door; default 127.0.0.1:8480')
    .option('--tls-listen <address>', 'the HTTPS door; default: the port of the issuer')
    .option('--start <file>', 'a domain file to start with, or empty')
    .option('--yes', 'ask nothing')
    .action((options) => finish(async () => (await import('../commands/init.ts')).init(options)))
}

/** `mintmark doctor`. */
export const addDoctor = (program: Command): void => {
  examples(withSession(program.command('doctor [url]')), [
    'mintmark doctor https://auth.example.com',
    'mintmark doctor --config /etc/mintmark/mintmark.yaml --fix',
  ])
    .description('find what is wrong with a server, and say what to do; exit 6 when something is')
    .option('--fix', 'with --config: take from others the rights that they should not have; asks')
    .option('--yes', 'with --fix: do not ask')
    .option('--config <path>', 'the configuration of a server on this machine: looks at files too')
    .option('-o, --output <form>', 'text or json', 'text')
    .action((url, options) =>
      finish(async () => (await import('../commands/doctor.ts')).doctor(url, options)),
    )
}
