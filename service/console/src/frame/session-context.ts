import { createContext, useContext } from 'react'
import type { Session } from '../server/session.ts'

export interface SignedIn {
  readonly session: Session
  readonly leave: () => Promise<void>
  /** Says that the session goes on as another. */
  readonly renew: (session: Session) => void
}

export const SessionContext = createContext<SignedIn | null>(null)

/** Who is signed in; only below the gate. */
export const useSession = (): SignedIn => {
  const signedIn = useContext(SessionContext)
  if (signedIn === null) throw new Error('useSession outside of the gate')
  return signedIn
}
