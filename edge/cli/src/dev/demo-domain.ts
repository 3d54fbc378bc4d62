/** An identifier, not an address: it stays when the port moves. */
export const demoAudience = 'http://localhost:8480/demo/orders'

/** The domain file that `dev` applies to itself: one API, two applications that may use it. */
export const demoDomain = (audience: string): string => `apis:
  - name: Orders
    audience: ${audience}
    profile: rfc9068
    scopes:
      - { name: orders.read, description: Read orders }
      - { name: orders.write, description: Change orders }
    roles:
      - { name: OrderWriter, scopes: [orders.read, orders.write] }
applications:
  - name: demo-app
    clientId: demo-app
    active: true
    authentication: secret
    may: [introspect]
    access:
      - { api: Orders, scopes: [orders.read, orders.write] }
    defaultApi: Orders
  - name: demo-certificate
    clientId: demo-certificate
    active: true
    authentication: { certificate: ./client.crt }
    access:
      - { api: Orders, scopes: [orders.read] }
    defaultApi: Orders
`
