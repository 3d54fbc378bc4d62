import { useEffect, useRef, useState } from 'react'
import { useSession } from '../frame/session-context.ts'

const at = (kind: string, owner: string): string => `mintmark.draft.2.${owner}.${kind}`

const read = <Draft extends object>(key: string): Partial<Draft> => {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Draft>
  } catch {
    // another version of these pages wrote it
    return {}
  }
}

/**
 * What is typed, kept in this tab until it is sent or given up; a secret is never part of it.
 * @param begin what it is at first; what was kept is laid over it
 */
export const useKeptDraft = <Draft extends object>(kind: string, begin: () => Draft) => {
  const { administrator } = useSession().session
  const key = at(kind, administrator.id)
  const [draft, setDraft] = useState<Draft>(() => ({ ...begin(), ...read<Draft>(key) }))
  const isGone = useRef(false)
  useEffect(() => {
    if (!isGone.current) sessionStorage.setItem(key, JSON.stringify(draft))
  }, [key, draft])
  const forget = (): void => {
    isGone.current = true
    sessionStorage.removeItem(key)
  }
  return [draft, setDraft, forget] as const
}
