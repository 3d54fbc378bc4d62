import { exitCodes } from '../exit-codes.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { readSignIn, type SessionFlags } from '../session/open-session.ts'
import { defaultProfile, keepProfile } from '../session/profile.ts'
import { processTerminal } from '../session/terminal.ts'
import { connectServer } from './connect-server.ts'

export interface LoginFlags extends SessionFlags {
  readonly keepSecret?: boolean
}

/** `mintmark login`: tries who signs in, and remembers it for the next commands. */
export const login = (
  address: string | undefined,
  flags: LoginFlags,
  terminal = processTerminal(),
): Promise<number> =>
  runCommand(async () => {
    const { profile = defaultProfile, ...rest } = flags
    if (!/^[\w.-]{1,64}$/.test(profile)) {
      throw new CommandFault(exitCodes.usage, `"${profile}" cannot be the name of a profile.`)
    }
    const stated = address === undefined ? rest : { ...rest, url: address }
    const { url, clientId, clientSecret } = readSignIn(stated, terminal)
    const server = await connectServer(url, { clientId, clientSecret })
    if (server.warning !== null) terminal.writeError(`⚠ ${server.warning}\n`)
    const kept = flags.keepSecret === true ? clientSecret : null
    const file = keepProfile(terminal, profile, { url, clientId, clientSecret: kept })
    const hint =
      kept === null
        ? 'Its secret is not kept: MINTMARK_CLIENT_SECRET(_FILE) or --client-secret-stdin gives it.'
        : 'Its secret is kept there, readable by you alone.'
    terminal.writeError(`✔ Signed in at ${server.issuer} as ${clientId}.\n`)
    terminal.writeError(`  Profile ${profile} in ${file}. ${hint}\n`)
    return undefined
  }, terminal)
