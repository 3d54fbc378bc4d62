import { attributesForCreation, type OAuthDraft } from '../oauth-configuration/draft.ts'
import { saveRoles } from '../oauth-configuration/save-roles.ts'
import { type AppRecord, appExtension, appSchema } from '../server/records.ts'
import { createApp, regenerateSecret } from '../server/scim.ts'
import type { Details } from './details-fields.tsx'

/** An API that is added together with the first application, to have something to ask for. */
export interface FirstApi {
  readonly name: string
  readonly audience: string
  readonly scope: string
}

export interface Wish {
  readonly kind: string
  readonly details: Details
  /** null: step one alone. */
  readonly draft: OAuthDraft | null
  readonly active: boolean
}

/** An application as it was added. */
export interface Added {
  readonly app: AppRecord
  /** null: it needs none, or none was made yet. */
  readonly secret: string | null
}

/** Adds it. @returns the full spelling of its scope */
export const createFirstApi = async ({ name, audience, scope }: FirstApi): Promise<string> => {
  const value = scope.trim()
  const api = await createApp({
    schemas: [appSchema, appExtension],
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    displayName: name.trim(),
    isOAuthResource: true,
    audience: audience.trim(),
    scopes: [{ value }],
    active: true,
    [appExtension]: { tokenProfile: 'identity-domain' },
  })
  return api.scopes?.find((each) => each.value === value)?.fqs ?? `${audience.trim()}${value}`
}

const detailAttributes = ({ name, description, contact, tags, clientId }: Details) => ({
  displayName: name.trim(),
  ...(description.trim() === '' ? {} : { description: description.trim() }),
  ...(contact.trim() === '' ? {} : { contactEmailAddress: contact.trim() }),
  ...(tags.length === 0 ? {} : { tags }),
  ...(clientId.trim() === '' ? {} : { name: clientId.trim() }),
})

/** Whether it will prove who it is by a secret. */
const takesSecret = (draft: OAuthDraft | null): boolean =>
  draft?.client.configured === true && draft.client.clientType !== 'public'

/**
 * Adds an application, its roles, and its secret where it needs one. The secret is asked for last:
 * whoever would not prove that they still sit there has the application, and may ask later.
 */
export const createApplication = async (wish: Wish): Promise<Added> => {
  const { kind, details, draft, active } = wish
  const template = kind === 'mobile' ? 'CustomBrowserMobileTemplateId' : 'CustomWebAppTemplateId'
  const app = await createApp({
    schemas: draft === null ? [appSchema] : [appSchema, appExtension],
    basedOnTemplate: { value: template },
    ...detailAttributes(details),
    ...(draft === null ? {} : attributesForCreation(draft)),
    active,
  })
  if (draft?.client.addRoles) await saveRoles(app.id, [], draft.client.roles)
  if (!takesSecret(draft)) return { app, secret: null }
  return { app, secret: await regenerateSecret(app.id, 0).catch(() => null) }
}
