import type { ReactNode } from 'react'
import { ClientPanel } from './client-panel.tsx'
import type { ClientDraft, OAuthDraft, ResourceDraft } from './draft.ts'
import { ResourcePanel } from './resource-panel.tsx'

/** The same fields in the workflow and under *Edit OAuth configuration*. */
export const OAuthFields = ({
  draft,
  mobile,
  besideResources,
  onChange,
}: {
  readonly draft: OAuthDraft
  readonly mobile: boolean
  /** Beside the scopes of the client. */
  readonly besideResources?: ReactNode
  readonly onChange: (draft: OAuthDraft) => void
}) => (
  <>
    <ResourcePanel
      draft={draft.resource}
      onChange={(changes: Partial<ResourceDraft>) =>
        onChange({ ...draft, resource: { ...draft.resource, ...changes } })
      }
    />
    <ClientPanel
      draft={draft.client}
      mobile={mobile}
      besideResources={besideResources}
      onChange={(changes: Partial<ClientDraft>) =>
        onChange({ ...draft, client: { ...draft.client, ...changes } })
      }
    />
  </>
)
