import { version } from '@mintmark/server/version'
import { Argument, Command } from 'commander'
import { addGatewayCommands } from '../gateway-file/gateway-commands.ts'
import { addTokenCommands } from '../token/token-commands.ts'
import { addAdmin } from './admin-tree.ts'
import { addApi } from './api-tree.ts'
import { addApp } from './app-tree.ts'
import { addCertificates } from './certificate-tree.ts'
import { examples } from './describe.ts'
import { addDomainFile, addHappenings, addLogin } from './domain-tree.ts'
import { addKeys } from './key-tree.ts'
import { addAccess, addLooking, addSettings } from './look-tree.ts'
import { addServer, addService, addStatus } from './server-tree.ts'
import { addAuthority, addDoctor, addImport, addInit } from './setup-tree.ts'

const addCompletion = (program: Command): void => {
  examples(program.command('completion'), [
    'source <(mintmark completion bash)',
    'mintmark completion zsh > ~/.mintmark-completion.zsh',
  ])
    .description('a script that completes commands, options and, from the server, names')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .action(async (shell) => {
      const { completionScript } = await import('./completion.ts')
      process.stdout.write(completionScript(program, shell))
    })
}

/**
 * The `mintmark` command: what there is to call. Each command's code is loaded when it is called,
 * so that help is quick; what is not built is not here.
 */
export const createProgram = (): Command => {
  const program = examples(new Command('mintmark'), [
    'mintmark dev',
    'mintmark app create nightly-billing --api Orders --scope orders.read',
  ])
    .description('The identity domain for machines: OAuth 2.0 client credentials, self-hosted.')
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError('(mintmark --help lists the commands)')
  addServer(program)
  addStatus(program)
  addService(program)
  addInit(program)
  addLogin(program)
  addApp(program)
  addApi(program)
  addTokenCommands(program)
  addGatewayCommands(program)
  addLooking(program)
  addAccess(program)
  addHappenings(program)
  addAdmin(program)
  addKeys(program)
  addCertificates(program)
  addSettings(program)
  addDomainFile(program)
  addCompletion(program)
  addImport(program)
  addAuthority(program)
  addDoctor(program)
  return program
}
