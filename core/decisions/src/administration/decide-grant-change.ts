import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import type { Grant } from '@mintmark/registry/grant'
import type { Change, Stamp } from './change.ts'
import { decideConferral } from './decide-access.ts'

/** How a role comes to an application; other mechanisms are for people and groups. */
export const applicationMechanisms = [
  'ADMINISTRATOR_TO_APP',
  'SERVICE_MANAGER_TO_APP',
  'OPC_INFRA_TO_APP',
  'IMPORT_GRANTS',
] as const

export interface GrantWish {
  readonly applicationId: string
  readonly roleId: string
  readonly granteeType: string
  readonly granteeId: string
  readonly mechanism: string
}

/** What a grant looks at: null where the registry has no such record. */
export interface GrantView {
  readonly application: Application | null
  readonly role: AppRole | null
  readonly grantee: Application | null
  readonly existing: Grant | null
}

const checkReferences = (
  wish: GrantWish,
  view: GrantView,
): Result<{ readonly role: AppRole; readonly grantee: Application }, AdministrationRefusal> => {
  const { application, role, grantee } = view
  if (application === null) {
    return refuseChange('REFERENCE_UNKNOWN', `No application has the id "${wish.applicationId}".`, {
      at: 'app.value',
    })
  }
  if (role === null || role.applicationId !== application.id) {
    return refuseChange(
      'REFERENCE_UNKNOWN',
      `'${application.displayName}' has no app role with the id "${wish.roleId}".`,
      { at: 'entitlement.attributeValue' },
    )
  }
  if (wish.granteeType !== 'App') {
    return refuseChange(
      'VALUE_INVALID',
      `A role cannot be granted to a ${wish.granteeType} here yet.`,
      {
        why: 'This server keeps applications, no people and no groups.',
        at: 'grantee.type',
      },
    )
  }
  if (!(applicationMechanisms as readonly string[]).includes(wish.mechanism)) {
    return refuseChange(
      'VALUE_INVALID',
      `${wish.mechanism} is not a way to grant to an application.`,
      {
        fix: 'Use ADMINISTRATOR_TO_APP.',
        at: 'grantMechanism',
      },
    )
  }
  if (grantee === null) {
    return refuseChange('REFERENCE_UNKNOWN', `No application has the id "${wish.granteeId}".`, {
      at: 'grantee.value',
    })
  }
  return ok({ role, grantee })
}

/** Gives an app role to an application. */
export const decideGrantCreation = (
  wish: GrantWish,
  view: GrantView,
  stamp: Stamp,
): Result<{ readonly grant: Grant; readonly change: Change }, AdministrationRefusal> => {
  const found = checkReferences(wish, view)
  if (!found.ok) return found
  const { role, grantee } = found.value
  const conferral = decideConferral(stamp.administrator, role)
  if (!conferral.ok) return conferral
  if (grantee.client === null) {
    return refuseChange('NOT_A_CLIENT', `'${grantee.displayName}' is no client.`, {
      why: 'It never asks for tokens, so a role would give it nothing.',
      at: 'grantee.value',
    })
  }
  if (!role.availableToClients) {
    return refuseChange(
      'VALUE_INVALID',
      `'${role.displayName}' cannot be granted to applications.`,
      {
        why: 'Its availableToClients is false.',
        at: 'entitlement.attributeValue',
      },
    )
  }
  if (view.existing !== null) {
    return refuseChange(
      'VALUE_TAKEN',
      `'${grantee.displayName}' has '${role.displayName}' already.`,
      {
        why: `By the grant ${view.existing.id}.`,
      },
    )
  }
  const grant: Grant = {
    domain: stamp.domain,
    id: stamp.id,
    applicationId: role.applicationId,
    roleId: role.id,
    granteeType: 'App',
    granteeId: grantee.id,
    mechanism: wish.mechanism,
    grantorId: stamp.administrator.applicationId,
    createdAtMs: stamp.nowMs,
  }
  const told = { role: role.displayName, grantee: grantee.displayName, mechanism: grant.mechanism }
  const change: Change = {
    steps: [{ step: 'put-grant', grant }],
    action: 'grant.create',
    object: `${grant.id} ${role.displayName} to ${grantee.displayName}`,
    before: null,
    after: { ...told, roleId: role.id, granteeId: grantee.id },
  }
  return ok({ grant, change })
}

/** Takes an app role away again. */
export const decideGrantDeletion = (
  present: Grant,
  role: AppRole,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const conferral = decideConferral(stamp.administrator, role)
  if (!conferral.ok) return conferral
  return ok({
    steps: [{ step: 'delete-grant', id: present.id }],
    action: 'grant.delete',
    object: `${present.id} ${role.displayName}`,
    before: { roleId: role.id, granteeId: present.granteeId, role: role.displayName },
    after: null,
  })
}
