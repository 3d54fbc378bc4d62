import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application } from '@mintmark/registry/application'
import type { Change, ChangeStep, Stamp } from './change.ts'
import { decideReach } from './decide-access.ts'
import { endTokensForApi, endTokensOf } from './end-tokens.ts'
import { refuseLastAdministrator, refuseOwnEnd, type Succession } from './refuse-lock-out.ts'

/**
 * Activates or deactivates an application. Deactivation also ends the tokens it was given and those
 * that others have for it, and they stay dead when it is activated again (decision 20).
 */
export const decideActivation = (
  present: Application,
  active: boolean,
  view: Succession,
  stamp: Stamp,
): Result<
  { readonly application: Application; readonly change: Change },
  AdministrationRefusal
> => {
  if (present.builtIn) {
    return refuseChange('BUILT_IN', `'${present.displayName}' is part of the identity domain.`, {
      why: 'It is always active.',
    })
  }
  const reach = decideReach(stamp.administrator, present, view.heldBuiltInRoles)
  if (!reach.ok) return reach
  const action = active ? 'application.activate' : 'application.deactivate'
  const object = `${present.id} ${present.displayName}`
  if (present.active === active) {
    const change: Change = { steps: [], action, object, before: null, after: null }
    return ok({ application: present, change })
  }
  if (!active) {
    const end = refuseOwnEnd(stamp.administrator, present.id, 'deactivate')
    const last = end.ok ? refuseLastAdministrator(present.displayName, view) : end
    if (!last.ok) return last
  }
  const application: Application = {
    ...present,
    active,
    version: present.version + 1,
    modifiedAtMs: stamp.nowMs,
  }
  const steps: ChangeStep[] = [{ step: 'put-application', application }]
  if (!active && present.client !== null) steps.push(endTokensOf(present, stamp.nowMs))
  if (!active) steps.push(...endTokensForApi(present, stamp))
  const before = { active: present.active }
  return ok({ application, change: { steps, action, object, before, after: { active } } })
}
