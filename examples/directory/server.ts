/**
 * An API whose accounts are in a directory: the token says which client calls, the directory who
 * that is here, and whether the account may still be used.
 */
import { guard } from '@mintmark/guard/node'
import { listenSecurely, sendJson, setting } from '../listen-securely.ts'
import { directoryAt } from './ldap-accounts.ts'

const url = setting('API_URL', 'https://localhost:9446')
const directory = directoryAt({
  url: setting('LDAP_URL'),
  bindName: setting('LDAP_BIND_NAME'),
  passwordFile: setting('LDAP_PASSWORD_FILE'),
  base: setting('LDAP_BASE'),
  subjectAttribute: setting('LDAP_SUBJECT_ATTRIBUTE', 'uid'),
  nameAttribute: setting('LDAP_NAME_ATTRIBUTE', 'cn'),
  timeoutMs: Number(setting('LDAP_TIMEOUT_MS', '2000')),
})

const auth = guard({
  issuer: setting('MINTMARK_ISSUER'),
  audience: setting('API_AUDIENCE', `${url}/`),
  accounts: { find: directory.find },
  onEvent: (event) => console.log(JSON.stringify(event)),
})

const listOrders = auth.requires('orders.read', (_request, response, { account }) => {
  sendJson(response, 200, { orders: [42], ranAs: account?.name })
})

listenSecurely(
  url,
  (request, response) => {
    if (auth.metadata(request, response)) return
    if (request.url === '/orders' && request.method === 'GET') return listOrders(request, response)
    sendJson(response, 404, { title: 'There is nothing here' })
  },
  () => {
    auth.core.close()
    void directory.close()
  },
)
