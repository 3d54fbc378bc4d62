import { routes } from '../administration/routes.ts'
import { version } from '../version.ts'
import { describeAdministration } from './describe-administration.ts'
import { consolePaths, consoleSchemas } from './describe-console.ts'
import { happeningPaths, happeningSchemas } from './describe-happenings.ts'
import { oauthPaths, oauthSchemas } from './describe-oauth.ts'
import { type JsonSchema, reference } from './json-schema.ts'

const errorAnswer = (description: string, type: string, name: string): JsonSchema => ({
  description,
  content: { [type]: { schema: reference(name) } },
})

/**
 * The whole surface as OpenAPI 3.1. Generated from the routes and attributes that answer and check
 * requests; `docs/openapi.json` keeps a copy, and a test says when that is old.
 */
export const openApiDocument = (): JsonSchema => {
  const administration = describeAdministration(routes)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mintmark',
      version,
      description: 'The identity domain for machines: tokens, and the administration behind them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: { ...oauthPaths, ...administration.paths, ...happeningPaths, ...consolePaths },
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'RFC 6749 §2.3.1' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token for the domain itself (scope urn:opc:idm:__myscopes__) of a client that ' +
            'holds an administrator role.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-mintmark',
          description:
            'The session of the console; mintmark on plain HTTP. For /admin/v1 and /api/v1 too.',
        },
      },
      responses: {
        ScimError: errorAnswer('RFC 7644 §3.12', 'application/json', 'ScimError'),
        Problem: errorAnswer('RFC 9457', 'application/problem+json', 'Problem'),
        OAuthError: errorAnswer('RFC 6749 §5.2', 'application/json', 'OAuthError'),
      },
      schemas: {
        ...oauthSchemas,
        ...administration.schemas,
        ...happeningSchemas,
        ...consoleSchemas,
      },
    },
  }
}
