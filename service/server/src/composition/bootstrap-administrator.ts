import { defaultClientFacet } from '@mintmark/decisions/administration/application-wish'
import {
  builtInRoles,
  identityDomainAdministrator,
} from '@mintmark/decisions/administration/built-in-roles'
import type { Application } from '@mintmark/registry/application'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import { digestChosen } from '../proof/secret-digest.ts'
import { newEcid, newId } from '../signing/random-ids.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'

/**
 * The first administrator of an empty domain: one active confidential application with the chosen
 * credentials that holds Identity Domain Administrator.
 */
export const bootstrapAdministrator = async (
  change: ChangeRegistry,
  domain: string,
  credentials: { readonly clientId: string; readonly secret: string },
): Promise<void> => {
  const digest = await digestChosen(credentials.secret)
  const nowMs = Date.now()
  const application = bootstrapApplication(domain, credentials.clientId, nowMs)
  await change(async (transaction) => {
    await transaction.putApplication(application)
    await putSecret(transaction, application, digest)
    await putGrant(transaction, application)
    await transaction.audit({
      at: nowMs,
      ecid: newEcid(),
      action: 'domain.bootstrap',
      result: 'ok',
      object: `${application.id} ${application.clientId}`,
    })
  })
}

const bootstrapApplication = (domain: string, clientId: string, nowMs: number): Application => ({
  domain,
  id: newId(),
  clientId,
  displayName: clientId,
  description: 'Made at the first start from MINTMARK_BOOTSTRAP_CLIENT_ID.',
  active: true,
  builtIn: false,
  tags: [],
  client: { ...defaultClientFacet('confidential'), grantTypes: ['client_credentials'] },
  resourceServer: null,
  attributes: {},
  version: 1,
  createdAtMs: nowMs,
  modifiedAtMs: nowMs,
})

const putSecret = (transaction: RegistryTransaction, application: Application, digest: string) =>
  transaction.putSecret({
    kind: 'secret',
    domain: application.domain,
    id: newId(),
    applicationId: application.id,
    label: 'bootstrap',
    origin: 'chosen',
    digest,
    sealed: null,
    ending: '',
    createdAtMs: application.createdAtMs,
    expiresAtMs: null,
    endsAtMs: null,
  })

const putGrant = (transaction: RegistryTransaction, application: Application) => {
  const role = builtInRoles.find((each) => each.name === identityDomainAdministrator)
  return transaction.putGrant({
    domain: application.domain,
    id: newId(),
    applicationId: builtInApplicationId,
    roleId: role?.id ?? '',
    granteeType: 'App',
    granteeId: application.id,
    mechanism: 'ADMINISTRATOR_TO_APP',
    grantorId: null,
    createdAtMs: application.createdAtMs,
  })
}
