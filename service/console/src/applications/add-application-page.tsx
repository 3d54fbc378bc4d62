import { Button, Checkbox, Stepper } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Fragment, type SubmitEvent, useState } from 'react'
import { Link, useLocation } from 'wouter'
import {
  attributesForCreation,
  emptyDraft,
  faultOfDraft,
  type OAuthDraft,
} from '../oauth-configuration/draft.ts'
import { OAuthFields } from '../oauth-configuration/oauth-fields.tsx'
import { saveRoles } from '../oauth-configuration/save-roles.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { type AppRecord, appExtension, appSchema } from '../server/records.ts'
import { createApp } from '../server/scim.ts'
import { type Details, DetailsFields, noDetails } from './details-fields.tsx'

const titles: Readonly<Record<string, string>> = {
  confidential: 'Add Confidential Application',
  mobile: 'Add Mobile Application',
  api: 'Add API',
}

const draftFor = (kind: string): OAuthDraft => ({
  client: { ...emptyDraft.client, clientType: kind === 'mobile' ? 'public' : 'confidential' },
  resource: { ...emptyDraft.resource, configured: kind === 'api' },
})

interface Wish {
  readonly kind: string
  readonly details: Details
  /** null: step one alone. */
  readonly draft: OAuthDraft | null
  readonly active: boolean
}

const create = async ({ kind, details, draft, active }: Wish): Promise<AppRecord> => {
  const template = kind === 'mobile' ? 'CustomBrowserMobileTemplateId' : 'CustomWebAppTemplateId'
  const optional = {
    ...(details.description.trim() === '' ? {} : { description: details.description.trim() }),
    ...(details.clientId.trim() === '' ? {} : { name: details.clientId.trim() }),
  }
  const app = await createApp({
    schemas: draft === null ? [appSchema] : [appSchema, appExtension],
    basedOnTemplate: { value: template },
    displayName: details.name.trim(),
    ...optional,
    ...(draft === null ? {} : attributesForCreation(draft)),
    active,
  })
  if (draft?.client.addRoles) await saveRoles(app.id, [], draft.client.roles)
  return app
}

/** The workflow: details, which may already be submitted, then the OAuth configuration. */
export const AddApplicationPage = ({ kind }: { readonly kind: string }) => {
  const [step, setStep] = useState(0)
  const [details, setDetails] = useState<Details>(noDetails)
  const [draft, setDraft] = useState(() => draftFor(kind))
  // an API hands nothing out by being there; an application is activated when it is ready
  const [active, setActive] = useState(kind === 'api')
  const [mistake, setMistake] = useState<Error | null>(null)
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const creation = useMutation({
    mutationFn: create,
    onSuccess: async (app) => {
      await queries.invalidateQueries()
      navigate(`/applications/${app.id}`)
    },
  })
  const finish = (event: SubmitEvent): void => {
    event.preventDefault()
    if (step === 0) {
      creation.mutate({ kind, details, draft: null, active: false })
      return
    }
    const fault = faultOfDraft(draft)
    setMistake(fault === null ? null : new Error(fault))
    if (fault === null) creation.mutate({ kind, details, draft, active })
  }
  const next = (form: HTMLFormElement | null): void => {
    if (form?.reportValidity()) setStep(1)
  }
  const fault = creation.error ?? mistake
  const crumbs = [...domainCrumbs, { label: 'Integrated applications', href: '/applications' }]
  return (
    <>
      <PageHead crumbs={crumbs} title={titles[kind] ?? 'Add application'} />
      <Stepper active={step} size="sm" mb="lg" allowNextStepsSelect={false} onStepClick={setStep}>
        <Stepper.Step label="Details" />
        <Stepper.Step label="OAuth configuration" />
      </Stepper>
      <form onSubmit={finish}>
        {step === 0 ? (
          <DetailsFields details={details} onChange={setDetails} />
        ) : (
          <>
            <OAuthFields draft={draft} mobile={kind === 'mobile'} onChange={setDraft} />
            <Checkbox
              label="Active from the start"
              description="Otherwise it is added inactive, and Actions → Activate makes it work"
              checked={active}
              onChange={(event) => setActive(event.currentTarget.checked)}
            />
          </>
        )}
        {fault === null ? null : <FaultNotice fault={fault} />}
        <div className="actions">
          {step === 0 ? (
            // keys: a button that became another one under the pointer would send the form
            <Fragment key="details">
              <Button variant="default" component={Link} href="/applications">
                Cancel
              </Button>
              <Button variant="light" onClick={(event) => next(event.currentTarget.form)}>
                Next
              </Button>
              <Button type="submit" loading={creation.isPending}>
                Submit
              </Button>
            </Fragment>
          ) : (
            <Fragment key="oauth">
              <Button variant="default" onClick={() => setStep(0)}>
                Back
              </Button>
              <Button type="submit" loading={creation.isPending}>
                Finish
              </Button>
            </Fragment>
          )}
        </div>
      </form>
    </>
  )
}
