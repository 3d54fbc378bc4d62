import { Button } from '@mantine/core'
import type { SubmitEvent } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { AppRecord } from '../server/records.ts'
import { type PatchOperation, patchApp } from '../server/scim.ts'
import { ConflictNotice } from './conflict-notice.tsx'
import { type Details, DetailsFields } from './details-fields.tsx'
import { useVersionedEdit, type Versioned } from './use-versioned-edit.ts'

export const detailsOf = (app: AppRecord): Details => ({
  name: app.displayName,
  description: app.description ?? '',
  contact: app.contactEmailAddress ?? '',
  tags: (app.tags ?? []).map(({ key, value }) => ({ key, value })),
  clientId: app.name,
})

const said = (path: string, value: unknown, isEmpty: boolean): PatchOperation =>
  isEmpty ? { op: 'remove', path } : { op: 'replace', path, value }

/** What has to change so that the application says what the form says: nothing else is named. */
export const detailOperations = (wanted: Details, app: AppRecord): readonly PatchOperation[] => {
  const before = detailsOf(app)
  const text = (path: string, value: string, old: string): readonly PatchOperation[] =>
    value.trim() === old ? [] : [said(path, value.trim(), value.trim() === '')]
  return [
    ...text('displayName', wanted.name, before.name),
    ...text('description', wanted.description, before.description),
    ...text('contactEmailAddress', wanted.contact, before.contact),
    ...(JSON.stringify(wanted.tags) === JSON.stringify(before.tags)
      ? []
      : [said('tags', wanted.tags, wanted.tags.length === 0)]),
  ]
}

/** General information, edited in its place. */
export const EditDetails = ({
  start,
  onDone,
}: {
  readonly start: Versioned
  readonly onDone: () => void
}) => {
  const edit = useVersionedEdit<Details>(start, {
    draftOf: detailsOf,
    write: async (draft, { app, version }) => {
      const operations = detailOperations(draft, app)
      if (operations.length > 0) await patchApp(app.id, operations, version)
    },
    onDone,
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    edit.save()
  }
  return (
    <form onSubmit={submit} aria-label="Edit general information">
      <DetailsFields details={edit.draft} isNew={false} onChange={edit.change} />
      {edit.conflict === null ? null : (
        <ConflictNotice
          conflict={edit.conflict}
          busy={edit.isSaving}
          onApplyMine={edit.applyMine}
          onTakeTheirs={edit.takeTheirs}
        />
      )}
      {edit.fault === null ? null : <FaultNotice fault={edit.fault} />}
      <div className="actions">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={edit.isSaving} disabled={edit.conflict !== null}>
          Save
        </Button>
      </div>
    </form>
  )
}
