import { Button, Stepper } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Fragment, type SubmitEvent, useEffect, useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { draftOf, emptyDraft, faultOfDraft, type OAuthDraft } from '../oauth-configuration/draft.ts'
import { OAuthFields } from '../oauth-configuration/oauth-fields.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import type { AppRecord } from '../server/records.ts'
import {
  type Added,
  createApplication,
  createFirstApi,
  type FirstApi,
} from './create-application.ts'
import { type Details, DetailsFields, noDetails } from './details-fields.tsx'
import { detailsOf } from './edit-details.tsx'
import { FirstApiFields } from './first-api.tsx'
import { useKeptDraft } from './kept-draft.ts'
import { ReadyPage } from './ready-page.tsx'
import { ReviewStep } from './review-step.tsx'
import { heldRoles, useApplication } from './use-application.ts'

const titles: Readonly<Record<string, string>> = {
  confidential: 'Add Confidential Application',
  mobile: 'Add Mobile Application',
  api: 'Add API',
}

interface Workflow {
  readonly details: Details
  readonly oauth: OAuthDraft
  readonly firstApi: FirstApi | null
  readonly active: boolean
}

/** What most of each kind are; guides tick the same boxes. */
const begin = (kind: string): Workflow => ({
  details: noDetails,
  oauth: {
    client: {
      ...emptyDraft.client,
      clientType: kind === 'mobile' ? 'public' : 'confidential',
      configured: kind === 'confidential',
      clientCredentials: kind === 'confidential',
      addResources: true,
    },
    resource: { ...emptyDraft.resource, configured: kind === 'api' },
  },
  firstApi: null,
  active: true,
})

/** Another one like it; what must be its own is left to be said. */
const beginLike = (app: AppRecord): Workflow => {
  const { client, resource } = draftOf(app, heldRoles(app))
  return {
    details: { ...detailsOf(app), name: `${app.displayName} copy`, clientId: '' },
    oauth: {
      client: { ...client, addResources: true },
      resource: { ...resource, audience: '' },
    },
    firstApi: null,
    active: true,
  }
}

const lastStep = 2

const Steps = ({
  kind,
  step,
  flow,
  onChange,
}: {
  readonly kind: string
  readonly step: number
  readonly flow: Workflow
  readonly onChange: (changes: Partial<Workflow>) => void
}) => {
  if (step === 0) {
    return (
      <fieldset className="panel">
        <legend>Details</legend>
        <DetailsFields details={flow.details} isNew onChange={(details) => onChange({ details })} />
      </fieldset>
    )
  }
  if (step === 1) {
    return (
      <OAuthFields
        draft={flow.oauth}
        mobile={kind === 'mobile'}
        besideResources={
          <FirstApiFields api={flow.firstApi} onChange={(firstApi) => onChange({ firstApi })} />
        }
        onChange={(oauth) => onChange({ oauth })}
      />
    )
  }
  return (
    <ReviewStep
      details={flow.details}
      draft={flow.oauth}
      firstApi={flow.firstApi}
      active={flow.active}
      onActive={(active) => onChange({ active })}
    />
  )
}

const Buttons = ({
  step,
  busy,
  onBack,
  onCancel,
}: {
  readonly step: number
  readonly busy: boolean
  readonly onBack: () => void
  readonly onCancel: () => void
}) => (
  <div className="actions">
    {/* keys: a button that became another one under the pointer would send the form */}
    <Fragment key={step}>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      {step === 0 ? null : (
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      )}
      {step === lastStep ? null : (
        // the first of the form's buttons that send: Enter in a field goes on
        <Button type="submit" name="next">
          Next
        </Button>
      )}
      {step === 1 ? null : (
        <Button type="submit" {...(step === 0 ? { variant: 'light' } : {})} loading={busy}>
          Submit
        </Button>
      )}
    </Fragment>
  </div>
)

const isNext = (event: SubmitEvent): boolean =>
  event.nativeEvent.submitter?.getAttribute('name') === 'next'

/** Adds what the workflow says so far. */
const useCreation = (
  kind: string,
  flow: Workflow,
  told: {
    /** The first API is there from now on, even when the application is refused. */
    readonly apiAdded: (oauth: OAuthDraft) => void
    readonly added: (added: Added) => void
  },
) => {
  const queries = useQueryClient()
  const { details, oauth, firstApi, active } = flow
  return useMutation({
    mutationFn: async (isWhole: boolean): Promise<Added> => {
      if (!isWhole) return createApplication({ kind, details, draft: null, active: false })
      if (firstApi === null) return createApplication({ kind, details, draft: oauth, active })
      const fqs = await createFirstApi(firstApi)
      const draft = { ...oauth, client: { ...oauth.client, scopes: [...oauth.client.scopes, fqs] } }
      told.apiAdded(draft)
      return createApplication({ kind, details, draft, active })
    },
    onSuccess: async (added) => {
      told.added(added)
      await queries.invalidateQueries()
    },
    // the answer holds the secret: it must not stay in the cache
    gcTime: 0,
  })
}

/** The workflow: details, which may be submitted alone, the OAuth configuration, a review. */
const WorkflowForm = ({
  kind,
  like,
  onAdded,
}: {
  readonly kind: string
  /** null: none. */
  readonly like: AppRecord | null
  readonly onAdded: (added: Added) => void
}) => {
  const [flow, setFlow, forget] = useKeptDraft(`${kind}.${like?.id ?? ''}`, () =>
    like === null ? begin(kind) : beginLike(like),
  )
  const [step, setStep] = useState(0)
  const [mistake, setMistake] = useState<Error | null>(null)
  const [, navigate] = useLocation()
  const fields = useRef<HTMLDivElement>(null)
  const change = (changes: Partial<Workflow>): void =>
    setFlow((before) => ({ ...before, ...changes }))
  const creation = useCreation(kind, flow, {
    apiAdded: (oauth) => change({ firstApi: null, oauth }),
    added: (added) => {
      forget()
      onAdded(added)
    },
  })
  useEffect(() => {
    // the keys begin where the step does
    if (step === 0) return
    window.scrollTo(0, 0)
    fields.current?.focus({ preventScroll: true })
  }, [step])
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    const fault = step === 0 ? null : faultOfDraft(flow.oauth)
    setMistake(fault === null ? null : new Error(fault))
    if (fault !== null) return
    if (isNext(event)) setStep(step + 1)
    else creation.mutate(step > 0)
  }
  const fault = creation.error ?? mistake
  return (
    <>
      <Stepper active={step} size="sm" mb="lg" allowNextStepsSelect={false} onStepClick={setStep}>
        <Stepper.Step label="Details" />
        <Stepper.Step label="OAuth configuration" />
        <Stepper.Step label="Review" />
      </Stepper>
      <form onSubmit={send}>
        <div ref={fields} tabIndex={-1} className="step-fields">
          <Steps kind={kind} step={step} flow={flow} onChange={change} />
        </div>
        {fault === null ? null : <FaultNotice fault={fault} />}
        <Buttons
          step={step}
          busy={creation.isPending}
          onBack={() => setStep(step - 1)}
          onCancel={() => {
            forget()
            navigate('/applications')
          }}
        />
      </form>
    </>
  )
}

/** *Add application*, until it is ready. */
export const AddApplicationPage = ({ kind }: { readonly kind: string }) => {
  const [added, setAdded] = useState<Added | null>(null)
  const from = new URLSearchParams(useSearch()).get('from')
  const like = useApplication(from)
  const [, navigate] = useLocation()
  if (added !== null && added.secret !== null) return <ReadyPage {...added} secret={added.secret} />
  const crumbs = [...domainCrumbs, { label: 'Integrated applications', href: '/applications' }]
  const end = (done: Added): void => {
    if (done.secret === null) navigate(`/applications/${done.app.id}`)
    else setAdded(done)
  }
  return (
    <>
      <PageHead crumbs={crumbs} title={titles[kind] ?? 'Add application'} />
      {like.isError ? <FaultNotice fault={like.error} retry={() => like.refetch()} /> : null}
      {from !== null && like.isPending ? <Loading height={320} /> : null}
      {from === null || like.data !== undefined ? (
        <WorkflowForm kind={kind} like={like.data?.body ?? null} onAdded={end} />
      ) : null}
    </>
  )
}
