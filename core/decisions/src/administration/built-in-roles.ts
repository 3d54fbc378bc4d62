/**
 * What the administration API offers, by endpoint, and which role of the built-in application may
 * do what there. From this one table follow access (`decide-access.ts`) and the scopes that a role
 * confers (`built-in-application.ts`), so that the two cannot drift apart.
 */
export const administrationEndpoints = [
  'Apps',
  'AppRoles',
  'Grants',
  'AppStatusChanger',
  'AppClientSecretRegenerator',
  'OAuthClientCertificates',
  'OAuth2ClientCredentials',
  'Settings',
  'SigningCert',
  'Users',
  'Groups',
  'CustomClaims',
  'OAuthPartnerCertificates',
  'Asserter',
] as const
export type AdministrationEndpoint = (typeof administrationEndpoints)[number]

/** `read`: GET and HEAD; `all`: every method that the endpoint has. */
export type Power = 'read' | 'all'
export type Powers = Readonly<Partial<Record<AdministrationEndpoint, Power>>>

export interface BuiltInRole {
  readonly name: string
  /** 32 hexadecimal digits, the same in every domain: made once from the name, never changed. */
  readonly id: string
  readonly description: string
  readonly adminRole: boolean
  readonly powers: Powers
  /** Scopes beyond those that follow from the powers. */
  readonly otherScopes: readonly string[]
}

export const identityDomainAdministrator = 'Identity Domain Administrator'

const everything: Powers = Object.fromEntries(
  administrationEndpoints.map((endpoint) => [endpoint, 'all' as const]),
)

const administrator = (
  name: string,
  id: string,
  description: string,
  powers: Powers,
): BuiltInRole => ({
  name,
  id,
  description,
  adminRole: true,
  powers,
  otherScopes: [],
})

/** A role that does not make an administrator; without powers it opens nothing. */
const role = (name: string, id: string, description: string, powers: Powers = {}): BuiltInRole => ({
  name,
  id,
  description,
  adminRole: false,
  powers,
  otherScopes: [],
})

/**
 * Roles for what people do exist because scripts look them up; they give nothing here yet.
 *
 * Only an Identity Domain Administrator may say which authorities are trusted: whoever holds the
 * key of one can make certificates in the name of any client, and so of any administrator.
 */
export const builtInRoles: readonly BuiltInRole[] = [
  administrator(
    identityDomainAdministrator,
    '26f9dae125ea4f6782ffb4b887bde056',
    'May do everything in this identity domain.',
    everything,
  ),
  administrator(
    'Application Administrator',
    'd2475561b23d4971b6101b3ce2315cb9',
    'Registers applications and APIs, their roles, grants, secrets and certificates.',
    {
      Apps: 'all',
      AppRoles: 'all',
      Grants: 'all',
      AppStatusChanger: 'all',
      AppClientSecretRegenerator: 'all',
      OAuthClientCertificates: 'all',
      OAuth2ClientCredentials: 'all',
      SigningCert: 'read',
      Users: 'read',
      Groups: 'read',
      CustomClaims: 'read',
      OAuthPartnerCertificates: 'read',
      Asserter: 'all',
    },
  ),
  administrator(
    'Security Administrator',
    'd7464660654e454480d574cc5a40e3a6',
    'Sets what holds for the whole domain, and reads what is registered.',
    {
      Apps: 'read',
      AppRoles: 'read',
      Grants: 'read',
      OAuthClientCertificates: 'read',
      OAuth2ClientCredentials: 'read',
      Settings: 'all',
      SigningCert: 'read',
      Users: 'read',
      Groups: 'read',
      CustomClaims: 'all',
      OAuthPartnerCertificates: 'read',
      Asserter: 'all',
    },
  ),
  administrator(
    'Audit Administrator',
    '2be5d0a21480435997da543a0cdd6463',
    'Reads what is registered and what has happened; changes nothing.',
    {
      Apps: 'read',
      AppRoles: 'read',
      Grants: 'read',
      OAuth2ClientCredentials: 'read',
      Settings: 'read',
      SigningCert: 'read',
      Users: 'read',
      Groups: 'read',
      CustomClaims: 'read',
      OAuthPartnerCertificates: 'read',
    },
  ),
  administrator(
    'User Administrator',
    '9ef7312fc2364abeb4223b64305d85b8',
    'Manages users and groups; reads applications and renews their secrets.',
    {
      Apps: 'read',
      AppClientSecretRegenerator: 'all',
      Users: 'all',
      Groups: 'all',
      Asserter: 'all',
    },
  ),
  administrator(
    'User Manager',
    '4fc7301e8d65433d9fe8d631f534516c',
    'Manages users; reads groups.',
    { Users: 'all', Groups: 'read' },
  ),
  administrator(
    'Help Desk Administrator',
    'be57147b985347968626a0d8a0b864d9',
    'Reads users and groups.',
    { Users: 'read', Groups: 'read' },
  ),
  role(
    'Authenticator Client',
    'aa4a4b7e68b64463a00a6c40665fcd67',
    'An API that checks tokens and looks up the roles of its callers.',
    { Asserter: 'all', SigningCert: 'read' },
  ),
  {
    ...role('Authenticated Client', 'ac11d5e3729749e9a02d91ec04729951', 'Reads what it needs.', {
      Apps: 'read',
      AppRoles: 'read',
      Grants: 'read',
      SigningCert: 'read',
    }),
    otherScopes: ['urn:opc:idm:t.security.client'],
  },
  role(
    'Cloud Gate',
    '7a52f172dd9e411d90d116dcc29dd4f7',
    'A gateway that checks tokens and looks up the roles of its callers.',
    { Asserter: 'all', SigningCert: 'read' },
  ),
  {
    ...role('Me', '27da5d78bf3743848fc2a775914fa5b9', 'Its own account.'),
    otherScopes: ['urn:opc:idm:t.user.me'],
  },
  role('Signin', 'f25259f3ab8340ad9c9806790dcfc62a', 'Signs people in; no use yet.'),
  role('MFA Client', 'c7e4774cb5b341b09163b8e2907f6d6f', 'Second factors; no use yet.'),
  role('Self Registration', 'f2c8f453f00845ab9e42d3e8dacf2d6b', 'New accounts; no use yet.'),
  role('Forgot Password', '2c509dcc13d54f9f9674258ea06dabfc', 'Passwords; no use yet.'),
  role('Reset Password', 'b60a3aa80e4c41018ffc18ecb7c4a93d', 'Passwords; no use yet.'),
  role('Change Password', '6698f51988fd44b6adf68b575f0395e7', 'Passwords; no use yet.'),
  role('Verify Email', 'f361bbfceb654d3e870a8b5c85f42c8d', 'E-mail addresses; no use yet.'),
  role('Kerberos Administrator', '3475b49d834e4c7789d6d23d9b55ee5b', 'Kerberos; no use yet.'),
  role('DB Administrator', 'b349669b99544f62b23ebacd5e6fb680', 'Databases; no use yet.'),
  role('POSIX Viewer', 'f3b8602191044608bc6fe957d9a3230b', 'POSIX accounts; no use yet.'),
]

export const builtInRoleByName: ReadonlyMap<string, BuiltInRole> = new Map(
  builtInRoles.map((each) => [each.name, each]),
)
