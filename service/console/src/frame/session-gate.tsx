import { Center, Loader } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { onSignedOut } from '../server/request.ts'
import { readSession, type Session, signIn, signOut, takePairingCode } from '../server/session.ts'
import { SignInPage } from '../sign-in/sign-in-page.tsx'
import { Frame } from './frame.tsx'
import { ProofGate } from './proof-gate.tsx'
import { SessionContext } from './session-context.ts'

// Taken once, when the program starts: the code works once as well.
const pairingCode = takePairingCode()
let pairing: ReturnType<typeof signIn> | null = null

const begin = async (): Promise<Session | null> => {
  if (pairingCode === null) return readSession()
  pairing ??= signIn({ pairingCode })
  const session = pairing.then((told) => ('csrfToken' in told ? told : readSession()))
  return session.catch(() => readSession())
}

/** The pages for who is signed in, the sign-in page for everybody else. */
export const SessionGate = () => {
  const client = useQueryClient()
  const [ended, setEnded] = useState(false)
  const query = useQuery({ queryKey: ['session'], queryFn: begin, staleTime: Infinity })
  useEffect(() => {
    onSignedOut(() => {
      setEnded(true)
      client.setQueryData(['session'], null)
    })
  }, [client])
  useEffect(() => {
    // a link with a code, opened where the console is open already
    const begin = (): void => {
      if (window.location.hash.startsWith('#pair=')) window.location.reload()
    }
    window.addEventListener('hashchange', begin)
    return () => window.removeEventListener('hashchange', begin)
  }, [])

  /** What one administrator has read is nothing for the next. */
  const change = (session: Session | null): void => {
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    client.setQueryData(['session'], session)
  }

  if (query.isPending) {
    return (
      <Center component="main" className="whole-page">
        <Loader aria-label="Loading the console" />
      </Center>
    )
  }
  if (query.isError) {
    return (
      <Center component="main" className="whole-page">
        <FaultNotice fault={query.error} retry={() => query.refetch()} />
      </Center>
    )
  }
  if (query.data === null) {
    const notice = ended
      ? 'The session has ended. Sign in again; the page you were on comes back.'
      : pairingCode !== null
        ? 'This pairing code was used already, or is older than ten minutes.'
        : null
    return <SignInPage notice={notice} onSignedIn={change} />
  }
  const renew = (session: Session): void => {
    client.setQueryData(['session'], session)
  }
  const leave = async (): Promise<void> => {
    await signOut()
    change(null)
  }
  return (
    <SessionContext value={{ session: query.data, leave, renew }}>
      <ProofGate session={query.data} onProven={renew}>
        <Frame />
      </ProofGate>
    </SessionContext>
  )
}
