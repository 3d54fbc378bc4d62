import type { Command } from 'commander'

/** Two examples before everything else: that is what most people look for. */
export const examples = (command: Command, lines: readonly string[]): Command =>
  command.addHelpText('before', `Examples:\n${lines.map((line) => `  ${line}\n`).join('')}`)

/** Where and as whom. */
export const withSession = (command: Command): Command =>
  command
    .option('--url <url>', 'the server; default MINTMARK_URL, the profile, localhost:8480')
    .option('--client-id <id>', 'who signs in; default MINTMARK_CLIENT_ID, the profile')
    .option('--client-secret-stdin', 'read the secret from standard input')
    .option('--profile <name>', 'a profile of mintmark login')

export const withOutput = (command: Command): Command =>
  command.option('-o, --output <form>', 'table, json, yaml, env or name', 'table')

export const withYes = (command: Command): Command =>
  command.option('--yes', 'do not ask for the name')

/** When a token is given again, and how many new ones there are; `none` takes away. */
export const withAllowance = (command: Command): Command =>
  command
    .option('--token-reuse-percent <percent>', 'give the current token again while so much is left')
    .option('--tokens-per-minute <count>', 'new tokens in a minute')
    .option('--tokens-per-day <count>', 'new tokens in a day of UTC')
    .option('--budget-mode <mode>', 'observe, enforce or reissue: what follows when they are spent')

/** Loads a command's code when it is called, so that everything else starts at once. */
export const finish = async (work: () => Promise<number>): Promise<void> => {
  process.exitCode = await work()
}

/** Gathers an option that may come several times. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]
