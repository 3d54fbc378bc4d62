import { type ReactNode, useEffect, useState } from 'react'
import { onProofWanted } from '../server/request.ts'
import type { Session } from '../server/session.ts'
import { ProofDialog } from '../sign-in/proof-dialog.tsx'

type Settle = (isProven: boolean) => void

/** Has the session proven when a request needs it: all that wait for it go on together. */
export const ProofGate = ({
  session,
  onProven,
  children,
}: {
  readonly session: Session
  readonly onProven: (session: Session) => void
  readonly children: ReactNode
}) => {
  const [waiting, setWaiting] = useState<readonly Settle[]>([])
  useEffect(() => {
    onProofWanted(() => new Promise((resolve) => setWaiting((before) => [...before, resolve])))
    return () => onProofWanted(async () => false)
  }, [])
  const settle = (isProven: boolean): void => {
    for (const each of waiting) each(isProven)
    setWaiting([])
  }
  return (
    <>
      {children}
      {waiting.length === 0 ? null : (
        <ProofDialog
          proofs={session.proofs}
          onProven={(renewed) => {
            onProven(renewed)
            settle(true)
          }}
          onClose={() => settle(false)}
        />
      )}
    </>
  )
}
