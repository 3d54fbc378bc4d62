import { plainDescription, type Setting, settingGroups } from './setting.ts'
import { type SettingKey, settingKeys, settingOf } from './settings.ts'

/** What is made from the table of settings for people: the text of `--help`, and the page. */

const flagOf = (row: Setting): string => `--${row.flag}${row.isSecret ? '-file' : ''}`

const placeholders: Readonly<Record<string, string>> = {
  'a truth value': '',
  'a whole number': ' N',
  'a duration': ' TIME',
  'a size': ' SIZE',
  'a path': ' PATH',
  paths: ' PATH',
  'an address to listen on': ' ADDRESS',
  'a URL': ' URL',
  'an issuer': ' URL',
  'ranges of addresses': ' RANGE',
  'a client secret': ' PATH',
}

const placeholder = (row: Setting): string => placeholders[row.type.name] ?? ' VALUE'

const defaultText = (row: Setting): string =>
  row.defaultWords ?? (row.default === null ? 'none' : `\`${row.default}\``)

const rowsOf = (group: Setting['group']): readonly (readonly [SettingKey, Setting])[] =>
  settingKeys.map((key) => [key, settingOf(key)] as const).filter(([, row]) => row.group === group)

/** The settings as `--help` lists them, at most 100 columns wide. */
export function renderSettingsHelp(): string {
  const lines = ['Settings (flag before environment before file before default):', '']
  lines.push(...helpEntry('--config PATH', 'YAML file with settings.', 'MINTMARK_CONFIG', 'none'))
  for (const group of settingGroups) {
    lines.push('', `${group}:`)
    for (const [, row] of rowsOf(group)) {
      const variable = `${row.environment}${row.isSecret ? '[_FILE]' : ''}`
      const flag = `${flagOf(row)}${placeholder(row)}`
      lines.push(...helpEntry(flag, row.description, variable, defaultText(row)))
    }
  }
  return `${lines.join('\n')}\n`
}

const helpIndent = 34

function helpEntry(
  flag: string,
  description: string,
  variable: string,
  fallback: string,
): string[] {
  const text = wrap(
    `${plainDescription(description)} [${variable}, default: ${fallback.replaceAll('`', '')}]`,
    100 - helpIndent,
  )
  const head = `  ${flag}`
  if (head.length <= helpIndent - 2) {
    return text.map((line, at) => `${(at === 0 ? head : '').padEnd(helpIndent)}${line}`)
  }
  return [head, ...text.map((line) => `${' '.repeat(helpIndent)}${line}`)]
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** The page docs/operating/configuration.md. */
export const renderSettingsPage = (): string => `${introduction}
${settingGroups.map(groupText).join('\n')}`

const groupText = (group: Setting['group']): string => `## ${group}

${rowsOf(group).map(rowText).join('\n')}`

const rowText = ([key, row]: readonly [SettingKey, Setting]): string => {
  const secret = row.isSecret === true
  const spellings = secret
    ? [`${key}\` or \`${key}File`, `${row.environment}\` or \`${row.environment}_FILE`, flagOf(row)]
    : [key, row.environment, flagOf(row)]
  const reload = row.isReloaded ? ' A reload reads the files anew.' : ''
  return `### ${key}

${spellings.map((spelling) => `\`${spelling}\``).join(' · ')}

${row.description}${reload}

- Default: ${defaultText(row)}
- Write ${row.type.forms}${secret ? ', or name a file that holds them' : ''}
`
}

const introduction = `# Configuration

<!-- Made from service/server/src/configuration/settings.ts by write-settings-page.ts beside it; a
     test compares. Change the table, not this page. -->

Every setting of \`mintmark serve\` can be written in a YAML file, in the environment and as a flag.
A flag counts before the environment, the environment before the file, the file before the default.
\`mintmark serve --config mintmark.yaml\` (or \`MINTMARK_CONFIG\`) names the file:

\`\`\`yaml
data: /var/lib/mintmark
url: https://auth.example.com
listen: 127.0.0.1:8480
trustedProxies: [127.0.0.1]
tls:
  listen: 0.0.0.0:8482
  cert: tls/server.crt        # beside this file
  key: tls/server.key
log:
  level: info
\`\`\`

- A start checks everything and reports all mistakes at once, with line and column, and does not
  start with one. Unknown names are mistakes, in the file and in the environment (\`MINTMARK_…\`).
- Relative paths in the file start beside the file; in the environment and in flags where the server
  is started.
- A secret can be given in a file of its own: its variable and its name in the YAML file have a twin
  with \`_FILE\` or \`File\`. Both at once is a mistake. No flag takes a secret, because everyone on
  a machine can read the arguments of a process.
- An empty variable counts as not set. \`MINTMARK_CLIENT_ID\`, \`MINTMARK_CLIENT_SECRET\` and
  \`MINTMARK_AUDIENCE\` belong to callers and are passed over, as are the variables that Kubernetes
  makes for a service called \`mintmark\`.
- The file is plain YAML: no anchors, aliases or tags, no name twice, at most 256 KiB.
- SIGHUP reloads the files of the settings that say so; every other change needs a restart.
`
