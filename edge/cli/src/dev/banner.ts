import { version } from '@mintmark/server/version'

/** What the first minute needs to know. */
export interface Banner {
  readonly notes: readonly string[]
  readonly database: { readonly path: string; readonly created: boolean }
  readonly signingKeys: readonly string[]
  readonly audience: string
  /** Where the demo API answers who has a token for it. */
  readonly ordersUrl: string
  readonly url: string
  readonly secureUrl: string
  readonly demoSecret: string
  readonly clientCertificate: string
  readonly clientKey: string
  readonly authority: string
  /** Address of the console that signs in once. */
  readonly console: string
}

/** The start-up text of `mintmark dev`: every command in it works when pasted. */
export const bannerText = (banner: Banner): string => {
  const state = banner.database.created ? 'created' : 'found'
  const notes = banner.notes.map((note) => `  ! ${note}\n`).join('')
  return `
  mintmark ${version}   development mode
${notes === '' ? '' : `\n${notes}`}
  \u2714 Database     ${banner.database.path}   ${state}
  \u2714 Signing keys ${banner.signingKeys.join('   ')}
  \u2714 Demo API     Orders    audience ${banner.audience}
                 guarded at ${banner.ordersUrl}
  \u2714 Demo app     demo-app  may use  orders.read  orders.write

  Console           ${banner.console}   (signs in once)
  Token             ${banner.url}/oauth2/v1/token
  Secure domain URL ${banner.secureUrl}   (client certificates; authority ${banner.authority})

  Your first token. Paste into a second terminal:

    curl -s -u 'demo-app:${banner.demoSecret}' \\
      -d grant_type=client_credentials ${banner.url}/oauth2/v1/token

  The same with the client certificate that lies ready:

    curl -s --cacert ${banner.authority} \\
      --cert ${banner.clientCertificate} --key ${banner.clientKey} \\
      -d grant_type=client_credentials -d client_id=demo-certificate \\
      ${banner.secureUrl}/oauth2/v1/token

  Development mode is for this computer only: plain HTTP on 127.0.0.1, demo data.
  For a real server:  mintmark serve            Stop: Ctrl-C

`
}
