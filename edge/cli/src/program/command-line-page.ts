import type { Argument, Command, Option } from 'commander'
import { exitCodes } from '../exit-codes.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'done, or allowed',
  unexpected: 'something that should not happen',
  usage: 'the command line cannot be so, a name can be several, or nobody could be asked',
  notFound: 'nothing has this name',
  forbidden: 'not signed in, or not allowed',
  conflict: 'it is there already, is in use, or was changed meanwhile',
  invalidInput: 'a file or a value is wrong',
  unreachable: 'the server was not reached, or cannot answer now',
  denied: 'the answer is no: `explain`, `token get`, `token verify`',
  dryRunChanges: '`apply --dry-run` found changes',
  interrupted: 'interrupted',
}

/** Commands that can be called, with all their words. */
export const leavesOf = (
  command: Command,
  before: readonly string[] = [],
): readonly { readonly words: readonly string[]; readonly command: Command }[] => {
  const words = [...before, command.name()]
  if (command.commands.length === 0) return [{ words, command }]
  return command.commands.flatMap((each) => leavesOf(each, words))
}

const argumentText = (argument: Argument): string => {
  const name = argument.variadic ? `${argument.name()}...` : argument.name()
  return argument.required ? `<${name}>` : `[${name}]`
}

/** The examples of a command's help, as it prints them. */
const examplesOf = (command: Command): readonly string[] => {
  const lines: string[] = []
  command.copyInheritedSettings(command).configureOutput({ writeOut: (text) => lines.push(text) })
  command.outputHelp()
  const [, examples = ''] = /^Examples:\n((?: {2}.*\n?)+)/m.exec(lines.join('')) ?? []
  return examples.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

/** What every command that signs in has is said once. */
const common = new Set(['--url', '--client-id', '--client-secret-stdin', '--profile'])

const optionLine = ({ flags, description, defaultValue }: Option): string => {
  const fallback =
    defaultValue === undefined || Array.isArray(defaultValue) ? '' : `\`${String(defaultValue)}\``
  return `| \`${cell(flags)}\` | ${cell(description)} | ${fallback} |`
}

const describeLeaf = (words: readonly string[], command: Command): string => {
  const usage = [...words, ...command.registeredArguments.map(argumentText)].join(' ')
  const signsIn = command.options.some(({ long }) => long === '--profile')
  const options = command.options.filter(({ long }) => !signsIn || !common.has(long ?? ''))
  const table =
    options.length === 0
      ? ''
      : `\n| option | meaning | default |\n|---|---|---|\n${options.map(optionLine).join('\n')}\n`
  const examples = examplesOf(command)
  const block = examples.length === 0 ? '' : `\n\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`
  const first = command.description()
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}.`
  return `## \`${usage}\`\n\n${sentence}\n${block}${table}`
}

const heading = `# The command line, command by command

Generated from the command itself. Names, client ids and ids are taken wherever an application or
an API is meant; a name that nothing has is answered with the one that was probably meant, a name
that can be several with all of them. Standard output is data only; the rest is standard error.
What \`-o json\` writes is described, command by command, as JSON Schema in
[command-line-output.json](command-line-output.json).
[The domain file](domain-file.md) declares all of it at once.

Beside a running \`mintmark dev\`, in the same folder; in a clone \`npx mintmark …\`:

<!-- run -->
\`\`\`sh
mintmark app create invoice-run --api Orders --scope orders.read
mintmark explain invoice-run Orders orders.write ||
  mintmark app grant invoice-run Orders orders.write
mintmark explain invoice-run Orders orders.write
mintmark explain --who Orders orders.write
mintmark app snippet invoice-run --lang curl
mintmark app deactivate invoice-run
mintmark app delete invoice-run --yes
\`\`\`

\`explain\` decides as the server does, issues nothing, and prints the command that would change
a no:

\`\`\`text
✖ DENIED   invoice-run → Orders: orders.write   reason SCOPE_NOT_GRANTED
   …
  Fix:  mintmark app grant invoice-run Orders orders.write
   or:  mintmark api role assign Orders OrderWriter invoice-run
\`\`\`

## Signing in

Commands that talk to a server sign in as an application with an administrator role. Beside
\`mintmark dev\`, in the same folder, nothing needs to be said. Elsewhere, in this order: the
options \`--url\`, \`--client-id\`, \`--client-secret-stdin\`; \`MINTMARK_URL\`,
\`MINTMARK_CLIENT_ID\`, \`MINTMARK_CLIENT_SECRET\` or \`MINTMARK_CLIENT_SECRET_FILE\`; the
profile that \`--profile\` names, or the one called \`default\`. A secret is never an argument. A
profile's secret goes to the profile's server, and for its client only.

What cannot be undone asks for the name of what goes. Where nobody can be asked, \`--yes\` says it;
without, the command ends with 2.
`

/** The reference page of the command line. */
export const commandLinePage = (program: Command): string => {
  const codes = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${meanings[name as keyof typeof exitCodes]} |`,
  )
  const leaves = leavesOf(program).map(({ words, command }) => describeLeaf(words, command))
  const table = `## Exit codes\n\n| code | meaning |\n|---|---|\n${codes.join('\n')}\n`
  return `${[heading, table, ...leaves].join('\n')}`
}
