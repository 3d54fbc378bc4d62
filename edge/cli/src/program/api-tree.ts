import type { Command } from 'commander'
import {
  examples,
  finish,
  several,
  withAllowance,
  withOutput,
  withSession,
  withYes,
} from './describe.ts'

const addApis = (api: Command): void => {
  examples(withSession(withOutput(api.command('list'))), [
    'mintmark api list',
    'mintmark api list -o json',
  ])
    .description('all APIs')
    .action((options) => finish(async () => (await import('../commands/api.ts')).apiList(options)))
  examples(withSession(withOutput(api.command('get <api>'))), [
    'mintmark api get Orders',
    'mintmark api get Orders -o yaml > orders.yaml',
  ])
    .description('one API; as yaml it is a domain file')
    .action((name, options) =>
      finish(async () => (await import('../commands/api.ts')).apiGet(name, options)),
    )
  examples(withSession(withOutput(api.command('create <name>'))), [
    'mintmark api create Orders --audience https://orders.example/ --scope orders.read',
    'mintmark api create Stock --audience urn:stock: --token-profile rfc9068 --token-lifetime 15m',
  ])
    .description('make an API')
    .requiredOption('--audience <audience>', 'what becomes aud; it cannot be changed here later')
    .option('--scope <scope>', 'a scope; can be repeated', several)
    .option('--role <role>', 'a role; can be repeated', several)
    .option('--token-profile <profile>', 'identity-domain or rfc9068')
    .option('--token-lifetime <time>', 'e.g. 15m')
    .option('--description <text>', 'what it is for')
    .action((name, options) =>
      finish(async () => (await import('../commands/api.ts')).apiCreate(name, options)),
    )
  examples(withAllowance(withSession(api.command('update <api>'))), [
    'mintmark api update Orders --token-lifetime 15m',
    'mintmark api update Orders --name "Order desk"',
    'mintmark api update Orders --tokens-per-minute 600 --budget-mode observe',
  ])
    .description('change what an API is called, and how long its tokens live')
    .option('--name <name>', 'another name')
    .option('--description <text>', 'what it is for')
    .option('--token-lifetime <time>', 'e.g. 15m')
    .action((name, options) =>
      finish(async () => (await import('../commands/api.ts')).apiUpdate(name, options)),
    )
  examples(withSession(withYes(api.command('delete <api>'))), [
    'mintmark api delete Orders',
    'mintmark api delete Orders --yes',
  ])
    .description('delete an API that nobody uses; asks for its name')
    .action((name, options) =>
      finish(async () => (await import('../commands/api.ts')).apiDelete(name, options)),
    )
}

const addScopes = (api: Command): void => {
  const scope = examples(api.command('scope').description('scopes of an API'), [
    'mintmark api scope add Orders orders.read --description "Read orders"',
    'mintmark api scope remove Orders orders.read',
  ])
  examples(withSession(scope.command('add <api> <scope>')), [
    'mintmark api scope add Orders orders.read',
    'mintmark api scope add Orders orders.write --description "Change orders"',
  ])
    .description('define a scope')
    .option('--title <text>', 'what people read')
    .option('--description <text>', 'what it lets one do')
    .action((name, value, options) =>
      finish(async () => (await import('../commands/api-scope.ts')).scopeAdd(name, value, options)),
    )
  examples(withSession(withYes(scope.command('remove <api> <scope>'))), [
    'mintmark api scope remove Orders orders.read',
    'mintmark api scope remove Orders orders.read --yes',
  ])
    .description('remove a scope that nobody uses; asks for its name')
    .action((name, value, options) =>
      finish(async () =>
        (await import('../commands/api-scope.ts')).scopeRemove(name, value, options),
      ),
    )
}

const addRoleVerbs = (role: Command): void => {
  examples(withSession(role.command('add <api> <role> [scope...]')), [
    'mintmark api role add Orders OrderWriter orders.read orders.write',
    'mintmark api role add Orders Auditor --users --groups',
  ])
    .description('define a role, with the scopes that it confers')
    .option('--description <text>', 'what it is for')
    .option('--users', 'users can hold it too')
    .option('--groups', 'groups can hold it too')
    .action((name, value, scopes, options) =>
      finish(async () =>
        (await import('../commands/api-role.ts')).roleAdd(name, value, scopes, options),
      ),
    )
  examples(withSession(withYes(role.command('remove <api> <role>'))), [
    'mintmark api role remove Orders Auditor',
    'mintmark api role remove Orders Auditor --yes',
  ])
    .description('remove a role, and take it from all who hold it; asks for its name')
    .action((name, value, options) =>
      finish(async () =>
        (await import('../commands/api-role.ts')).roleRemove(name, value, options),
      ),
    )
}

const addRoles = (api: Command): void => {
  const role = examples(api.command('role').description('roles of an API, and who holds them'), [
    'mintmark api role add Orders OrderWriter orders.read orders.write',
    'mintmark api role assign Orders OrderWriter nightly-billing',
  ])
  addRoleVerbs(role)
  for (const [way, what] of [
    ['assign', 'give a role to an application, a user or a group'],
    ['unassign', 'take a role from an application, a user or a group'],
  ] as const) {
    examples(withSession(role.command(`${way} <api> <role> <grantee>`)), [
      `mintmark api role ${way} Orders OrderWriter nightly-billing`,
      `mintmark api role ${way} Orders Auditor "Night shift" --group`,
    ])
      .description(what)
      .option('--user', 'the grantee is a user')
      .option('--group', 'the grantee is a group')
      .action((name, value, grantee, options) =>
        finish(async () => {
          const { roleAssign } = await import('../commands/api-role.ts')
          return roleAssign([name, value, grantee], way, options)
        }),
      )
  }
}

/** `mintmark api …`. */
export const addApi = (program: Command): void => {
  const api = examples(program.command('api').description('APIs: what accepts tokens'), [
    'mintmark api create Orders --audience https://orders.example/ --scope orders.read',
    'mintmark api list',
  ])
  addApis(api)
  addScopes(api)
  addRoles(api)
}
