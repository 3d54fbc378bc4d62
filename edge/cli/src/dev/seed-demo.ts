import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectServer } from '../commands/connect-server.ts'
import { applyDomainFile } from '../domain-file/apply-domain-file.ts'
import { demoAudience, demoDomain } from './demo-domain.ts'
import type { DevState } from './state.ts'

/**
 * Makes the playground as the demo domain file says, over the administration API like anybody else;
 * what is already so stays. Keeps the demo application's secret, which is shown only once.
 * @throws Error when the server refuses its own demo, which would be a fault of ours
 */
export const seedDemo = async (
  url: string,
  directory: string,
  state: DevState,
): Promise<DevState> => {
  const { clientId, secret } = state.administrator
  const server = await connectServer(url, { clientId, clientSecret: secret })
  const applied = await applyDomainFile({
    source: {
      files: [{ name: 'demo.yaml', text: demoDomain(demoAudience) }],
      readBeside: (_file, path) => readFileSync(join(directory, path), 'utf8'),
    },
    send: server.send,
    nowMs: Date.now(),
  })
  if (!applied.ok) throw new Error(`the demo domain was refused: ${applied.failure.message}`)
  const demo = applied.value.secrets.find((each) => each.clientId === 'demo-app')
  return demo === undefined ? state : { ...state, demoSecret: demo.clientSecret }
}
