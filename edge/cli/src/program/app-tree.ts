import type { Command } from 'commander'
import { snippetLanguages } from '../snippet/snippet-facts.ts'
import {
  examples,
  finish,
  several,
  withAllowance,
  withOutput,
  withSession,
  withYes,
} from './describe.ts'

const addMaking = (app: Command): void => {
  examples(withSession(withOutput(app.command('create <name>'))), [
    'mintmark app create nightly-billing --api Orders --scope orders.read',
    'mintmark app create nightly-billing -o env > .env',
  ])
    .description('make an application, activate it, and show its secret once')
    .option('--new-client-id <id>', 'its client id; otherwise one is generated')
    .option('--description <text>', 'what it is for')
    .option('--api <name>', 'the API that it may use')
    .option('--scope <scope>', 'a scope of that API; can be repeated', several)
    .option('--role <role>', 'a role of that API; can be repeated', several)
    .option('--type <type>', 'confidential, trusted or public')
    .option('--may <word>', 'introspect or onBehalfOfUser; can be repeated', several)
    .option('--secret-file <path>', 'a secret of your own, from a file')
    .option('--jwks <path>', 'its public keys, a JWK Set; no secret then')
    .option('--jwks-uri <url>', 'where its public keys are')
    .option('--certificate <path>', 'its certificate in PEM; no secret then')
    .option('--inactive', 'do not activate it')
    .action((name, options) =>
      finish(async () => (await import('../commands/app.ts')).appCreate(name, options)),
    )
  examples(withAllowance(withSession(app.command('update <app>'))), [
    'mintmark app update nightly-billing --description "bills, each night"',
    'mintmark app update nightly-billing --default-api Orders',
    'mintmark app update nightly-billing --token-reuse-percent 50 --tokens-per-day 1000',
  ])
    .description('change what an application is called and what it is')
    .option('--name <name>', 'another name; the client id stays')
    .option('--description <text>', 'what it is for')
    .option('--type <type>', 'confidential, trusted or public')
    .option('--default-api <api>', 'whose scopes are meant when a request names none')
    .action((name, options) =>
      finish(async () => (await import('../commands/app.ts')).appUpdate(name, options)),
    )
}

const addLooking = (app: Command): void => {
  examples(withSession(withOutput(app.command('list'))), [
    'mintmark app list',
    'mintmark app list -o name | wc -l',
  ])
    .description('all applications')
    .action((options) => finish(async () => (await import('../commands/app.ts')).appList(options)))
  examples(withSession(withOutput(app.command('get <app>'))), [
    'mintmark app get nightly-billing',
    'mintmark app get nightly-billing -o yaml > nightly-billing.yaml',
  ])
    .description('one application; as yaml it is a domain file')
    .action((name, options) =>
      finish(async () => (await import('../commands/app.ts')).appGet(name, options)),
    )
}

const addUsage = (app: Command): void => {
  examples(withSession(withOutput(app.command('usage [app]'))), [
    'mintmark app usage',
    'mintmark app usage nightly-billing --from 2026-11-21T00:00:00Z',
  ])
    .description('who got how many tokens, and how many would have done; the last hour')
    .option('--from <time>', 'RFC 3339; an hour before the end unless said')
    .option('--to <time>', 'RFC 3339; now unless said')
    .option('--api <api>', 'only of tokens for this API')
    .action((name, options) =>
      finish(async () => (await import('../commands/app-usage.ts')).appUsage(name, options)),
    )
}

const addKeys = (app: Command): void => {
  const key = examples(app.command('key').description('public keys of an application'), [
    'mintmark app key add nightly-billing public.pem',
    'mintmark app key list nightly-billing',
  ])
  examples(withSession(withOutput(key.command('list <app>'))), [
    'mintmark app key list nightly-billing',
    'mintmark app key list nightly-billing -o json',
  ])
    .description('the keys that its assertions are checked with')
    .action((name, options) =>
      finish(async () => (await import('../commands/app-key.ts')).appKeyList(name, options)),
    )
  examples(withSession(key.command('add <app> <file>')), [
    'mintmark app key add nightly-billing public.pem',
    'mintmark app key add nightly-billing jwks.json',
  ])
    .description('one more by which it can prove itself: PEM, JWK or JWK Set, never private')
    .option('--kid <id>', 'what it is called; otherwise as the file says, else its thumbprint')
    .action((name, file, options) =>
      finish(async () => (await import('../commands/app-key.ts')).appKeyAdd(name, file, options)),
    )
  examples(withSession(withYes(key.command('remove <app> <kid>'))), [
    'mintmark app key remove nightly-billing 2025',
    'mintmark app key remove nightly-billing 2025 --yes',
  ])
    .description('end a key at once; asks for the name of the application')
    .action((name, kid, options) =>
      finish(async () => (await import('../commands/app-key.ts')).appKeyRemove(name, kid, options)),
    )
}

const addSnippet = (app: Command): void => {
  examples(withSession(app.command('snippet <app>')), [
    'mintmark app snippet nightly-billing --lang curl',
    'mintmark app snippet nightly-billing --lang java > Caller.java',
  ])
    .description('a program that gets a token as the application; the secret is never in it')
    .requiredOption('--lang <language>', snippetLanguages.join(', '))
    .option('--api <name>', 'the API to call; else its default, or the only one')
    .action((name, options) =>
      finish(async () => (await import('../commands/app-snippet.ts')).appSnippet(name, options)),
    )
}

const addState = (app: Command): void => {
  for (const [verb, active, what] of [
    ['activate', true, 'let an application get tokens'],
    ['deactivate', false, 'give an application no more tokens, and end those it has'],
  ] as const) {
    examples(withSession(app.command(`${verb} <app>`)), [
      `mintmark app ${verb} nightly-billing`,
      `mintmark app ${verb} nightly-billing --profile production`,
    ])
      .description(what)
      .action((name, options) =>
        finish(async () =>
          (await import('../commands/app.ts')).appSetActive(name, active, options),
        ),
      )
  }
  examples(withSession(withYes(app.command('delete <app>'))), [
    'mintmark app delete nightly-billing',
    'mintmark app delete nightly-billing --yes',
  ])
    .description('delete an inactive application; asks for its name')
    .action((name, options) =>
      finish(async () => (await import('../commands/app.ts')).appDelete(name, options)),
    )
}

const addSecrets = (app: Command): void => {
  const secret = examples(app.command('secret').description('secrets of an application'), [
    'mintmark app secret list nightly-billing',
    'mintmark app secret rotate nightly-billing --overlap 24h',
  ])
  examples(withSession(withOutput(secret.command('list <app>'))), [
    'mintmark app secret list nightly-billing',
    'mintmark app secret list nightly-billing -o json',
  ])
    .description('label, ending and times; never the secrets, which nobody knows')
    .action((name, options) =>
      finish(async () => (await import('../commands/app-secret.ts')).secretList(name, options)),
    )
  for (const way of ['create', 'rotate'] as const) {
    const command = examples(withSession(withYes(withOutput(secret.command(`${way} <app>`)))), [
      `mintmark app secret ${way} nightly-billing${way === 'create' ? ' --label partner' : ''}`,
      `mintmark app secret ${way} nightly-billing -o env > .env`,
    ])
      .option('--label <text>', 'what it is for')
      .option('--expires <time>', 'e.g. 2030-01-01T00:00:00Z')
      .action((name, options) =>
        finish(async () =>
          (await import('../commands/app-secret.ts')).secretMake(name, way, options),
        ),
      )
    if (way === 'create') command.description('one more secret, shown once; those that work stay')
    else {
      command
        .description('a new secret, shown once; older ones end by themselves')
        .option('--overlap <time>', 'how long older ones still work; 0 ends them now', '24h')
    }
  }
  addSecretEnd(secret)
}

const addSecretEnd = (secret: Command): void => {
  examples(withSession(withYes(secret.command('revoke <app> <secret>'))), [
    'mintmark app secret revoke nightly-billing partner',
    'mintmark app secret revoke nightly-billing 5a1f0c2e --yes --revoke-tokens',
  ])
    .description('end one secret now, by its id, label or ending; asks for the name')
    .option('--revoke-tokens', 'also end the tokens that the secret has obtained')
    .action((name, which, options) =>
      finish(async () =>
        (await import('../commands/app-secret.ts')).secretRevoke(name, which, options),
      ),
    )
}

const addAccess = (app: Command): void => {
  for (const [verb, what] of [
    ['grant', 'let an application use scopes of an API, or hold its roles'],
    ['revoke', 'take scopes of an API, or its roles, from an application'],
  ] as const) {
    examples(withSession(app.command(`${verb} <app> <api> [scope...]`)), [
      `mintmark app ${verb} nightly-billing Orders orders.read`,
      `mintmark app ${verb} nightly-billing Orders --role OrderWriter`,
    ])
      .description(what)
      .option('--role <role>', 'a role of the API; can be repeated', several)
      .action((name, api, scopes, options) =>
        finish(async () => {
          const { appGrant, appRevoke } = await import('../commands/app-access.ts')
          return (verb === 'grant' ? appGrant : appRevoke)(name, api, scopes, options)
        }),
      )
  }
}

/** `mintmark app …`. */
export const addApp = (program: Command): void => {
  const app = examples(program.command('app').description('applications: what asks for tokens'), [
    'mintmark app create nightly-billing --api Orders --scope orders.read',
    'mintmark app list',
  ])
  addLooking(app)
  addSnippet(app)
  addUsage(app)
  addKeys(app)
  addMaking(app)
  addState(app)
  addSecrets(app)
  addAccess(app)
}
