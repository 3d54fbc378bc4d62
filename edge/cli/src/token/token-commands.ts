import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'

/** The usual refusal quotes what was typed, and that may be a token. */
const refuseArguments = (command: Command): boolean => {
  if (command.args.length === 0) return false
  process.stderr.write(
    `✖ ${command.name()} takes no arguments: secrets and tokens come from files, the environment ` +
      'or standard input, where no list of processes shows them.\n',
  )
  process.exitCode = exitCodes.usage
  return true
}

/** Which application asks, and by what it proves itself. */
const withClient = (command: Command): Command =>
  command
    .option('--app <client id>', 'which application; default MINTMARK_CLIENT_ID')
    .option('--url <url>', 'the server; default MINTMARK_ISSUER, else http://localhost:8480')
    .option('--client-secret-stdin', 'read the secret from standard input')
    .option('--client-secret-file <path>', 'default MINTMARK_CLIENT_SECRET(_FILE)')
    .option('--private-key-file <path>', 'sign with this key; default MINTMARK_PRIVATE_KEY_FILE')
    .option('--key-id <kid>', 'its name at the server; default MINTMARK_KEY_ID')
    .option('--certificate-file <path>', 'show this certificate')
    .option('--certificate-key-file <path>', 'its key')
    .option('--authority-file <path>', 'who certified the server')

const addGet = (token: Command): void => {
  withClient(token.command('get'))
    .description('get a token as an application; secrets come from files, environment or stdin')
    .option('--audience <audience>', 'the API; default MINTMARK_AUDIENCE')
    .option('--scope <scopes>', 'separated by spaces; default MINTMARK_SCOPE')
    .option('--dpop <key file>', 'bind the token to this private key; made when it is not there')
    .option('--decode', 'show what the token says, and whether it is good')
    .option('-o, --output <form>', 'text or json', 'text')
    .addHelpText(
      'before',
      'Examples:\n  mintmark token get --app demo-app --decode\n' +
        '  mintmark token get --app billing --client-secret-file ./secret --scope invoices.read\n',
    )
    .allowExcessArguments(true)
    .action(async (options, command: Command) => {
      if (refuseArguments(command)) return
      const { tokenGet } = await import('../commands/token-get.ts')
      process.exitCode = await tokenGet(options)
    })
}

const addInspect = (token: Command): void => {
  token
    .command('inspect')
    .description('show what a token says; nothing is verified, nobody is asked')
    .option('-f, --file <path>', 'default MINTMARK_TOKEN, else standard input')
    .option('-o, --output <form>', 'text or json', 'text')
    .addHelpText(
      'before',
      'Examples:\n  mintmark token inspect < token.jwt\n' +
        '  mintmark token get --app demo-app | mintmark token inspect -o json\n',
    )
    .allowExcessArguments(true)
    .action(async (options, command: Command) => {
      if (refuseArguments(command)) return
      const { tokenInspect } = await import('../commands/token-inspect.ts')
      process.exitCode = await tokenInspect(options)
    })
}

const addVerify = (token: Command): void => {
  token
    .command('verify')
    .description('judge a token as an API would; exit 8 when it is not good')
    .option('-f, --file <path>', 'default MINTMARK_TOKEN, else standard input')
    .option('--url <url>', 'the server to believe; default MINTMARK_ISSUER')
    .option('--audience <audience>', 'the API it must be for; default MINTMARK_AUDIENCE')
    .option('--scope <scopes>', 'what it must allow')
    .option('--role <role>', 'an app role that it must name')
    .option('-o, --output <form>', 'text or json', 'text')
    .addHelpText(
      'before',
      'Examples:\n  mintmark token verify --audience https://orders.example < token.jwt\n' +
        '  mintmark token get --app demo-app | mintmark token verify --scope orders.read\n',
    )
    .allowExcessArguments(true)
    .action(async (options, command: Command) => {
      if (refuseArguments(command)) return
      const { tokenVerify } = await import('../commands/token-inspect.ts')
      process.exitCode = await tokenVerify(options)
    })
}

const addAsk = (token: Command): void => {
  withClient(token.command('introspect'))
    .description('ask the server whether a token is active; exit 8 when it is not')
    .option('-f, --file <path>', 'default MINTMARK_TOKEN, else standard input')
    .option('-o, --output <form>', 'text or json', 'text')
    .addHelpText(
      'before',
      'Examples:\n  mintmark token introspect --app orders-api < token.jwt\n' +
        '  mintmark token get --app demo-app | mintmark token introspect --app demo-app -o json\n',
    )
    .allowExcessArguments(true)
    .action(async (options, command: Command) => {
      if (refuseArguments(command)) return
      const { tokenIntrospect } = await import('../commands/token-ask.ts')
      process.exitCode = await tokenIntrospect(options)
    })
  withClient(token.command('revoke'))
    .description('end a token that the application was given, or all of them')
    .option('-f, --file <path>', 'default MINTMARK_TOKEN, else standard input')
    .option('--all', 'every token that the application has; asks for its name')
    .option('--yes', 'do not ask for the name')
    .addHelpText(
      'before',
      'Examples:\n  mintmark token revoke --app nightly-billing < token.jwt\n' +
        '  mintmark token revoke --app nightly-billing --client-secret-file ./secret --all\n',
    )
    .allowExcessArguments(true)
    .action(async (options, command: Command) => {
      if (refuseArguments(command)) return
      const { tokenRevoke } = await import('../commands/token-ask.ts')
      process.exitCode = await tokenRevoke(options)
    })
}

/** `mintmark token …`; the code of each is loaded when it is called. */
export const addTokenCommands = (program: Command): void => {
  const token = program
    .command('token')
    .description('get, inspect, verify and end access tokens')
    .addHelpText(
      'before',
      'Examples:\n  mintmark token get --app demo-app --decode\n' +
        '  mintmark token verify --audience http://localhost:8480/demo/orders < token.jwt\n',
    )
  addGet(token)
  addInspect(token)
  addVerify(token)
  addAsk(token)
}
