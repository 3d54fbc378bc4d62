import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { mergeEdits } from '../parts/merge-edits.ts'
import type { AppRecord } from '../server/records.ts'
import { readApp } from '../server/scim.ts'
import { ServerFault } from '../server/server-fault.ts'

/** An application as it was read, and which version of it that was. */
export interface Versioned {
  readonly app: AppRecord
  readonly version: string | null
}

/** Somebody else was there first. */
export interface EditConflict {
  /** What the form was filled from. */
  readonly base: Versioned
  readonly theirs: Versioned
  /** Members that both have changed. */
  readonly clashes: readonly string[]
}

/** A form over one version of an application: a newer one is never overwritten unseen. */
export interface VersionedEdit<Draft> {
  readonly draft: Draft
  readonly change: (draft: Draft) => void
  readonly save: () => void
  readonly isSaving: boolean
  readonly fault: Error | null
  readonly conflict: EditConflict | null
  /** Saves what was changed here on top of what the other has made of it. */
  readonly applyMine: () => void
  /** Forgets what was changed here. */
  readonly takeTheirs: () => void
}

export const useVersionedEdit = <Draft extends object>(
  start: Versioned,
  {
    draftOf,
    write,
    onDone,
  }: {
    readonly draftOf: (app: AppRecord) => Draft
    readonly write: (draft: Draft, base: Versioned) => Promise<void>
    readonly onDone: () => void
  },
): VersionedEdit<Draft> => {
  const queries = useQueryClient()
  const [base, setBase] = useState(start)
  const [draft, setDraft] = useState(() => draftOf(start.app))
  const [theirs, setTheirs] = useState<Versioned | null>(null)
  const saving = useMutation({
    mutationFn: async (wish: { readonly draft: Draft; readonly base: Versioned }) => {
      try {
        await write(wish.draft, wish.base)
      } catch (fault) {
        if (fault instanceof ServerFault && fault.status === 412) {
          const { body, etag } = await readApp(wish.base.app.id)
          setTheirs({ app: body, version: etag })
        }
        throw fault
      }
    },
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
  })
  const begin = (from: Versioned, next: Draft): void => {
    setBase(from)
    setDraft(next)
    setTheirs(null)
    saving.reset()
  }
  const merged = theirs === null ? null : mergeEdits(draftOf(base.app), draft, draftOf(theirs.app))
  return {
    draft,
    change: setDraft,
    save: () => saving.mutate({ draft, base }),
    isSaving: saving.isPending,
    fault: theirs === null ? saving.error : null,
    conflict: theirs === null || merged === null ? null : { base, theirs, clashes: merged.clashes },
    applyMine: () => {
      if (theirs === null || merged === null) return
      begin(theirs, merged.merged)
      saving.mutate({ draft: merged.merged, base: theirs })
    },
    takeTheirs: () => {
      if (theirs !== null) begin(theirs, draftOf(theirs.app))
    },
  }
}
