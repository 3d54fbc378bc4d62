/**
 * What an administrator can do, and where: in the console, over HTTP, by command, in a domain file.
 * A place that is missing says why.
 */

/** Why something is not there. */
export interface Missing {
  readonly because: string
}

export interface Twin {
  readonly what: string
  /** Address of a page, and a text that stands on it. */
  readonly console: readonly [page: string, says: string] | Missing
  /** `METHOD /path`; behind a resource of SCIM, all of its methods that are named. */
  readonly http: readonly string[]
  /** Words of commands, with an option where it is that option that does it. */
  readonly commands: readonly string[] | Missing
  /** A field that the page of the domain file names. */
  readonly file: string | Missing
}

const happens: Missing = { because: 'It tells what happens; a file says what is to be.' }
const ends: Missing = { because: 'It is done once; a file says what is to be.' }
const readByHand: Missing = { because: 'The domain file does it, and says each field by name.' }

const apps = (methods: string, path = ''): readonly string[] =>
  methods.split(' ').map((method) => `${method} /admin/v1/Apps${path}`)

const applications: readonly Twin[] = [
  {
    what: 'add an application or an API',
    console: ['/applications/add/:kind', 'Launch workflow'],
    http: apps('POST'),
    commands: ['app create', 'api create', 'apply'],
    file: 'clientId',
  },
  {
    what: 'find applications and APIs',
    console: ['/applications', 'Add application'],
    http: [...apps('GET'), ...apps('GET', '/{id}')],
    commands: ['app list', 'app get', 'api list', 'api get'],
    file: 'name',
  },
  {
    what: 'change what an application or an API is',
    console: ['/applications/:id', 'Edit OAuth configuration'],
    http: apps('PUT PATCH', '/{id}'),
    commands: ['app update', 'api update', 'api scope add', 'api scope remove'],
    file: 'scopes',
  },
  {
    what: 'say re-use windows and budgets',
    console: ['/applications/:id', 'Re-use and budgets of tokens'],
    http: apps('PATCH', '/{id}'),
    commands: ['app update --tokens-per-day', 'api update --tokens-per-minute'],
    file: 'tokenReusePercent',
  },
  {
    what: 'choose which scopes an application may use',
    console: ['/applications/:id', 'Authorized resources'],
    http: apps('PATCH', '/{id}'),
    commands: ['app grant', 'app revoke'],
    file: 'access',
  },
  {
    what: 'activate and deactivate',
    console: ['/applications/:id', 'Activate application'],
    http: ['PUT /admin/v1/AppStatusChanger/{id}'],
    commands: ['app activate', 'app deactivate'],
    file: 'active',
  },
  {
    what: 'delete an application or an API',
    console: ['/applications/:id', 'Delete application'],
    http: apps('DELETE', '/{id}'),
    commands: ['app delete', 'api delete', 'apply --prune'],
    file: { because: 'What a file leaves out goes with --prune.' },
  },
  {
    what: 'make and end secrets',
    console: ['/applications/:id', 'Revoke client secret'],
    http: [
      'POST /admin/v1/AppClientSecretRegenerator',
      'DELETE /admin/v1/AppClientSecretRegenerator/{id}',
    ],
    commands: ['app secret list', 'app secret create', 'app secret rotate', 'app secret revoke'],
    file: 'secret',
  },
  {
    what: 'give public keys to an application',
    console: { because: 'The page shows them; a key is a file beside the program that uses it.' },
    http: apps('PATCH', '/{id}'),
    commands: ['app key list', 'app key add', 'app key remove'],
    file: 'jwks',
  },
  {
    what: 'code that gets a token as this application',
    console: ['/applications/:id', 'As code'],
    http: [],
    commands: ['app snippet'],
    file: happens,
  },
  {
    what: 'define application roles, and say who holds them',
    console: ['/cloud-services/:id', 'Application roles'],
    http: [
      'GET /admin/v1/AppRoles',
      'POST /admin/v1/AppRoles',
      'GET /admin/v1/AppRoles/{id}',
      'PUT /admin/v1/AppRoles/{id}',
      'PATCH /admin/v1/AppRoles/{id}',
      'DELETE /admin/v1/AppRoles/{id}',
      'GET /admin/v1/Grants',
      'POST /admin/v1/Grants',
      'GET /admin/v1/Grants/{id}',
      'DELETE /admin/v1/Grants/{id}',
    ],
    commands: ['api role add', 'api role remove', 'api role assign', 'api role unassign'],
    file: 'roles',
  },
  {
    what: 'protect an API',
    console: ['/cloud-services/:id', 'Protect this API'],
    http: [],
    commands: ['gateway config'],
    file: happens,
  },
]

const crud = (resource: string, methods: string): readonly string[] =>
  methods.split(' ').map((method) => {
    const isOfAll = method === 'LIST' || method === 'POST'
    return `${method === 'LIST' ? 'GET' : method} /admin/v1/${resource}${isOfAll ? '' : '/{id}'}`
  })

const domainWide: readonly Twin[] = [
  {
    what: 'store certificates of clients',
    console: ['/certificates', 'Client certificates'],
    http: crud('OAuthClientCertificates', 'LIST POST GET DELETE'),
    commands: ['certificate list', 'certificate add', 'certificate remove'],
    file: 'certificates',
  },
  {
    what: 'trust authorities that vouch for clients',
    console: ['/certificates', 'Trusted authorities'],
    http: crud('OAuthPartnerCertificates', 'LIST POST GET DELETE'),
    commands: ['certificate list --authority', 'certificate add --authority'],
    file: 'authorities',
  },
  {
    what: 'settings of the domain, and those of the server with their source',
    console: ['/settings', 'Access signing certificate'],
    http: ['GET /api/v1/settings', ...crud('Settings', 'LIST GET PUT PATCH')],
    commands: ['settings list', 'settings get', 'settings set'],
    file: 'signingCertPublicAccess',
  },
  {
    what: 'claims of one’s own',
    console: ['/domain-file', 'Import & export'],
    http: crud('CustomClaims', 'LIST POST GET PUT PATCH DELETE'),
    commands: readByHand,
    file: 'claims',
  },
  {
    what: 'users and groups',
    console: ['/domain-file', 'Import & export'],
    http: [
      ...crud('Users', 'LIST POST GET PUT PATCH DELETE'),
      ...crud('Groups', 'LIST POST GET PUT PATCH DELETE'),
    ],
    commands: readByHand,
    file: 'users',
  },
  {
    what: 'credentials of clients as resources of their own',
    console: { because: 'They are the secrets of an application, in the words of Oracle’s tools.' },
    http: crud('OAuth2ClientCredentials', 'LIST POST GET PUT PATCH DELETE'),
    commands: { because: 'The same secrets are under app secret.' },
    file: { because: 'The same secrets are under secret.' },
  },
  {
    what: 'assertions for tools that sign in as an Oracle domain expects',
    console: { because: 'Programs ask for it.' },
    http: ['POST /admin/v1/Asserter'],
    commands: { because: 'Programs ask for it.' },
    file: ends,
  },
  {
    what: 'the whole domain as text, and many changes at once',
    console: ['/domain-file', 'Import & export'],
    http: ['GET /api/v1/domain-file', 'POST /api/v1/domain-file/apply', 'POST /admin/v1/Bulk'],
    commands: ['export', 'apply'],
    file: 'apis',
  },
  {
    what: 'take over another server',
    console: { because: 'import -o yaml makes a domain file of it, which the page reads.' },
    http: [],
    commands: ['import keycloak', 'import hydra', 'import auth0', 'import idcs'],
    file: 'apis',
  },
  {
    what: 'who administers',
    console: ['/administrators', 'Administrators'],
    http: ['POST /admin/v1/Grants', 'DELETE /admin/v1/Grants/{id}'],
    commands: ['admin list', 'admin add', 'admin remove'],
    file: 'roles',
  },
  {
    what: 'who is signed in at the console',
    console: ['/administrators', 'Signed in now'],
    http: ['GET /api/v1/sessions', 'DELETE /api/v1/sessions/{id}'],
    commands: ['admin sessions list', 'admin sessions end', 'admin pair'],
    file: ends,
  },
]

const happenings: readonly Twin[] = [
  {
    what: 'the last hour, and what needs attention',
    console: ['/', 'Needs attention'],
    http: ['GET /api/v1/overview'],
    commands: ['overview'],
    file: happens,
  },
  {
    what: 'who took how many tokens',
    console: ['/applications/:id', 'Tokens of the last hour'],
    http: ['GET /api/v1/usage'],
    commands: ['app usage'],
    file: happens,
  },
  {
    what: 'get a token',
    console: ['/playground', 'Get a token'],
    http: [],
    commands: ['token get'],
    file: happens,
  },
  {
    what: 'what an API would say to a token',
    console: ['/playground', 'Ask the guard'],
    http: ['POST /api/v1/tokens/call'],
    commands: ['token verify --role'],
    file: happens,
  },
  {
    what: 'read a token, and whether it is good',
    console: ['/inspector', 'Verify on server'],
    http: ['POST /api/v1/tokens/verify'],
    commands: ['token inspect', 'token verify', 'token introspect'],
    file: happens,
  },
  {
    what: 'end a token',
    console: { because: 'A token is ended by its application; deactivating one ends all it has.' },
    http: [],
    commands: ['token revoke'],
    file: ends,
  },
  {
    what: 'why a request would be refused, or was',
    console: ['/explain', 'Fix it'],
    http: ['POST /api/v1/preview', 'GET /api/v1/decisions/{id}'],
    commands: ['explain'],
    file: happens,
  },
  {
    what: 'who can reach a scope',
    console: ['/explain', 'Who can reach it'],
    http: ['GET /api/v1/access/holders'],
    commands: ['explain --who'],
    file: happens,
  },
  {
    what: 'what was given to whom, and is used',
    console: ['/access-map', 'Granted, unused'],
    http: ['GET /api/v1/access/map'],
    commands: ['access map'],
    file: happens,
  },
  {
    what: 'requests as they are answered',
    console: ['/live-requests', 'Live requests'],
    http: ['GET /api/v1/requests'],
    commands: ['logs tail', 'logs search'],
    file: happens,
  },
  {
    what: 'what has been done, and whether the record is whole',
    console: ['/audit', 'Checkpoint: the newest hash'],
    http: [
      'GET /api/v1/audit',
      'GET /api/v1/audit/export',
      'GET /api/v1/audit/verify',
      'GET /api/v1/audit/checkpoint',
    ],
    commands: ['audit list', 'audit export', 'audit verify --server', 'audit checkpoint'],
    file: happens,
  },
  {
    what: 'signing keys',
    console: ['/keys', 'Check the master key'],
    http: ['GET /api/v1/keys', 'POST /api/v1/keys/rotate', 'GET /api/v1/keys/check'],
    commands: ['key list', 'key rotate', 'key revoke', 'key doctor'],
    file: ends,
  },
  {
    what: 'how the server is doing',
    console: ['/health', 'System health'],
    http: ['GET /api/v1/health'],
    commands: ['health', 'status', 'doctor'],
    file: happens,
  },
  {
    what: 'a backup of everything',
    console: { because: 'It is written where the operator keeps it, by a job.' },
    http: ['POST /api/v1/backup'],
    commands: ['db backup'],
    file: ends,
  },
  {
    what: 'revocations, for guards',
    console: { because: 'Guards follow it; people see the same events in the audit log.' },
    http: ['GET /api/v1/revocations', 'GET /api/v1/revocations/snapshot'],
    commands: { because: 'Guards follow it; people see the same events by audit list.' },
    file: happens,
  },
]

export const twins: readonly Twin[] = [...applications, ...domainWide, ...happenings]

/** Commands that do something on this machine, or to a server that does not run. */
export const commandsApart: ReadonlyMap<string, string> = new Map([
  ['dev', 'starts a server'],
  ['serve', 'starts a server'],
  ['init', 'writes a configuration here'],
  ['login', 'keeps a profile here'],
  ['completion', 'is for the shell'],
  ['service install', 'is for the machine'],
  ['service remove', 'is for the machine'],
  ['db copy', 'needs a server that does not run'],
  ['db restore', 'needs a server that does not run'],
  ['db epoch', 'is for data that a server is not to work on meanwhile'],
  ['db status', 'looks at data beside the server'],
  ['db migrate', 'needs a server that does not run'],
  ['ca init', 'makes files here'],
  ['ca issue', 'makes files here'],
  ['ca list', 'reads files here'],
])

/** Pages that are about the console itself, or lead to others. */
export const pagesApart: ReadonlyMap<string, string> = new Map([
  ['/identity', 'leads to the domain, as the guides do'],
  ['/domains', 'leads to the domain, as the guides do'],
  ['/cloud-services', 'lists APIs, which /applications does too'],
  ['/your-sign-in', 'is about how this person signs in at the console'],
])
