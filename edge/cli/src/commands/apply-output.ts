import type { Applied, ShownSecret } from '../domain-file/apply-domain-file.ts'

export type OutputForm = 'text' | 'env' | 'json'

export const isOutputForm = (text: string): text is OutputForm =>
  text === 'text' || text === 'env' || text === 'json'

/** Safe to be read by a shell: quoted unless nothing in it needs it. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** `nightly-billing` as the beginning of a variable's name. */
const prefixOf = (name: string): string => {
  const word = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return /^[A-Z]/.test(word) ? word : `APP_${word}`
}

/** One application: the variables that the SDK reads. Several: each under its own name. */
const envText = (secrets: readonly ShownSecret[], issuer: string): string => {
  if (secrets.length === 0) return ''
  const lines = [`MINTMARK_ISSUER=${quoted(issuer)}`]
  for (const { application, clientId, clientSecret } of secrets) {
    const prefix = secrets.length === 1 ? 'MINTMARK' : prefixOf(application)
    lines.push(`${prefix}_CLIENT_ID=${quoted(clientId)}`)
    lines.push(`${prefix}_CLIENT_SECRET=${quoted(clientSecret)}`)
  }
  return `${lines.join('\n')}\n`
}

const secretsText = (secrets: readonly ShownSecret[]): string =>
  secrets
    .map(
      ({ application, clientId, clientSecret }) => `
${application}
  Client ID      ${clientId}
  Client secret  ${clientSecret}      shown once. Save it now.
`,
    )
    .join('')

/** What goes to standard output once everything is done. */
export const outputText = (
  applied: Applied,
  how: { readonly dryRun: boolean; readonly form: OutputForm; readonly issuer: string },
): string => {
  if (how.form === 'env') return envText(applied.secrets, how.issuer)
  if (how.form === 'json') {
    const { lines } = applied.plan
    const { changed, secrets } = applied
    const report = { dryRun: how.dryRun, changed, issuer: how.issuer, changes: lines, secrets }
    return `${JSON.stringify(report, null, 2)}\n`
  }
  return secretsText(applied.secrets)
}
