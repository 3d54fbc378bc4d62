import {
  type AdministrationEndpoint,
  administrationEndpoints,
  type BuiltInRole,
  builtInRoles,
} from '@mintmark/decisions/administration/built-in-roles'

const heading = `# Who may do what

Administrators are applications that hold roles of the built-in application, \`IDCSAppId\`.
This table is written by \`write-roles-page.ts\` from the one by which the server judges,
\`built-in-roles.ts\`.

**r**: GET, HEAD and searching. **rw**: every method that the endpoint has. Empty: 401 with
the message id \`error.common.common.accessDenied\`. Several roles add up. \`/Schemas\`,
\`/ResourceTypes\` and \`/ServiceProviderConfig\` are open to every token of the domain. An
operation of a Bulk is judged like a request of its own.

`

const rules = `
## What the table does not say

- **Giving and taking.** An Identity Domain Administrator gives and takes every role. All
  others give and take the roles that they hold themselves, by \`/Grants\` and by putting
  somebody into a group that holds one, or out of it, or by deleting that group. Roles of
  other applications are given by whoever has \`/Grants\`. Through a group that holds one they
  come to people by whoever has \`/Groups\`, and to applications only by whoever has both.
- **Acting as somebody else.** Who sets the secret, the keys or the certificates of an
  application can act as it; who changes a user may come to. So nobody changes an
  application or a user whose roles of the domain open more than its own, whether they are
  held directly or through a group.
- **Scopes of the domain** come from its roles only: they cannot be among \`allowedScopes\`,
  no role of another application confers them, and \`trustScope\` and tags do not reach
  them.
- **Trusted authorities.** Whoever has the key of one can make certificates in the name of
  clients. That is why only an Identity Domain Administrator adds and removes
  \`/OAuthPartnerCertificates\`.
- **What has happened** is told by \`/api/v1\`; [who is told what](audit-and-explain.md) is said
  there.
- **Custom claims** cannot take the name of a claim that means something to the server or to
  a standard.
- **Staying administered.** An administrator cannot deactivate or delete itself. The last
  active application that is Identity Domain Administrator by a grant of its own keeps role
  and activity.

Attempts to do more are on record as \`administration.denied\`.
`

const cellOf = (role: BuiltInRole, endpoint: AdministrationEndpoint): string =>
  ({ all: 'rw', read: 'r', none: '' })[role.powers[endpoint] ?? 'none']

/** Roles without powers are named under the table. */
const opens = (role: BuiltInRole): boolean => Object.keys(role.powers).length > 0

/** The page docs/administering/roles.md. */
export const renderRolesPage = (): string => {
  const able = builtInRoles.filter(opens)
  const others = builtInRoles.filter((role) => !opens(role)).map(({ name }) => name)
  const rows = [
    ['endpoint', ...able.map(({ name }) => name)],
    ['---', ...able.map(() => '---')],
    ...administrationEndpoints.map((endpoint) => [
      `\`/${endpoint}\``,
      ...able.map((role) => cellOf(role, endpoint)),
    ]),
  ]
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const rest = `Names that scripts look up, and that open nothing here: ${others.join(', ')}.`
  return `${heading}${table}\n\n${rest}\n${rules}`
}
