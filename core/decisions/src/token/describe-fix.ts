import { builtInApplicationId, type Snapshot } from '@mintmark/registry/snapshot'
import type { FixChange, FixStep, RequestChange, ScimRequest } from './explanation.ts'

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
const base = '/admin/v1'

const patch = (id: string, op: 'add' | 'replace', path: string, value: unknown): ScimRequest => ({
  method: 'PATCH',
  path: `${base}/Apps/${id}`,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op, path, value }],
  },
})

/** The words of a change and the request of the administration API that makes it. */
export const describeFix = (change: FixChange, snapshot: Snapshot): FixStep => ({
  change,
  sentence: sentenceOf(change, snapshot),
  scim: scimOf(change),
})

const scimOf = (change: FixChange): ScimRequest | null => {
  switch (change.kind) {
    case 'change-request':
      return null
    case 'activate':
      return {
        method: 'PUT',
        path: `${base}/AppStatusChanger/${change.applicationId}`,
        body: { schemas: [`${core}AppStatusChanger`], active: true },
      }
    case 'make-confidential':
      return patch(change.applicationId, 'replace', 'clientType', 'confidential')
    case 'allow-method':
      return patch(change.applicationId, 'add', `${appExtension}:authenticationMethods`, [
        change.method,
      ])
    case 'add-credential':
      return {
        method: 'POST',
        path: `${base}/AppClientSecretRegenerator`,
        body: { schemas: [`${core}AppClientSecretRegenerator`], appId: change.applicationId },
      }
    case 'allow-grant-type':
      return patch(change.applicationId, 'add', 'allowedGrants', ['client_credentials'])
    case 'grant-scope':
      return patch(
        change.applicationId,
        'add',
        'allowedScopes',
        change.scopes.map((fqs) => ({ fqs })),
      )
    case 'assign-role':
      return {
        method: 'POST',
        path: `${base}/Grants`,
        body: {
          schemas: [`${core}Grant`],
          app: { value: change.roleApplicationId },
          entitlement: { attributeName: 'appRoles', attributeValue: change.roleId },
          grantMechanism: 'ADMINISTRATOR_TO_APP',
          grantee: { value: change.applicationId, type: 'App' },
        },
      }
    case 'define-scope':
      return patch(change.resourceServerId, 'add', 'scopes', [{ value: change.scope }])
    case 'set-default-api':
      return patch(
        change.applicationId,
        'replace',
        `${appExtension}:defaultResourceServer`,
        change.resourceServerId,
      )
  }
}

const sentenceOf = (change: FixChange, snapshot: Snapshot): string => {
  const client = snapshot.client.application.displayName
  const api = (id: string) => snapshot.catalog.byId.get(id)?.application.displayName ?? id
  switch (change.kind) {
    case 'change-request':
      return sentenceOfRequest(change)
    case 'activate': {
      const isClient = change.applicationId === snapshot.client.application.id
      return `Activate '${isClient ? client : api(change.applicationId)}'.`
    }
    case 'make-confidential':
      return `Make '${client}' a confidential client.`
    case 'allow-method':
      return `Allow '${client}' to authenticate by ${change.method}.`
    case 'add-credential':
      return `Make a new client secret for '${client}'; it is shown once.`
    case 'allow-grant-type':
      return `Allow '${client}' the grant type client_credentials.`
    case 'grant-scope':
      return `Grant '${client}' ${change.scopes.map((scope) => `'${scope}'`).join(', ')}.`
    case 'assign-role': {
      const role = snapshot.catalog.rolesById.get(change.roleId)?.displayName ?? change.roleId
      const isOfDomain = change.roleApplicationId === builtInApplicationId
      const owner = isOfDomain ? 'the identity domain' : `'${api(change.roleApplicationId)}'`
      return `Give '${client}' the app role '${role}' of ${owner}.`
    }
    case 'define-scope':
      return `Define the scope '${change.scope}' at '${api(change.resourceServerId)}'.`
    case 'set-default-api':
      return `Make '${api(change.resourceServerId)}' the default API of '${client}'.`
  }
}

const sentenceOfRequest = (change: RequestChange): string => {
  const parts: string[] = []
  if (change.grantType !== undefined) parts.push(`send grant_type=${change.grantType}`)
  if (change.scope === null) parts.push('leave scope out')
  else if (change.scope !== undefined) parts.push(`send scope=${change.scope}`)
  if (change.resources?.length === 0) parts.push('leave resource out')
  else if (change.resources !== undefined) {
    parts.push(...change.resources.map((each) => `send resource=${each}`))
  }
  if (change.method !== undefined) parts.push(`authenticate by ${change.method}`)
  if (change.certificate) parts.push('present the client certificate at the secure domain URL')
  if (change.dpop) parts.push('send a DPoP proof (RFC 9449)')
  return `In the request, ${parts.join(', ')}.`
}
