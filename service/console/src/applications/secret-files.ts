export interface SecretFacts {
  readonly issuer: string
  readonly clientId: string
  readonly secret: string
}

/** What the client library reads from its environment. */
export const variablesFile = ({ issuer, clientId, secret }: SecretFacts): string =>
  [
    `MINTMARK_ISSUER=${issuer}`,
    `MINTMARK_CLIENT_ID=${clientId}`,
    `MINTMARK_CLIENT_SECRET=${secret}`,
  ].join('\n')

/** Lower case, digits and hyphens, as Kubernetes names things (RFC 1123). */
export const objectName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50) || 'client'

export const kubernetesSecret = ({ issuer, clientId, secret }: SecretFacts): string =>
  [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: mintmark-${objectName(clientId)}`,
    'stringData:',
    `  MINTMARK_ISSUER: ${JSON.stringify(issuer)}`,
    `  MINTMARK_CLIENT_ID: ${JSON.stringify(clientId)}`,
    `  MINTMARK_CLIENT_SECRET: ${JSON.stringify(secret)}`,
  ].join('\n')
