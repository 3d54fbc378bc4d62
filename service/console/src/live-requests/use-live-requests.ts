import { useCallback, useEffect, useRef, useState } from 'react'
import { followRequests, type LiveState } from './follow-requests.ts'
import { keepNewest, type LiveRequest } from './live-request.ts'

/** The page is drawn anew at most so often, however many requests there are. */
const drawMs = 250

export interface LiveView {
  /** Newest first. */
  readonly requests: readonly LiveRequest[]
  readonly state: LiveState
  readonly paused: boolean
  /** So many came while it was paused. */
  readonly held: number
  /** So many were never told; null: some, and nobody knows how many. */
  readonly missed: number | null
  readonly toggle: () => void
  readonly clear: () => void
  readonly retry: () => void
}

/** The last requests, as they are answered. */
export const useLiveRequests = (): LiveView => {
  const [requests, setRequests] = useState<readonly LiveRequest[]>([])
  const [state, setState] = useState<LiveState>({ kind: 'connecting' })
  const [paused, setPaused] = useState(false)
  const [held, setHeld] = useState(0)
  const [missed, setMissed] = useState<number | null>(0)
  const [attempt, setAttempt] = useState(0)
  const news = useRef<readonly LiveRequest[]>([])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt begins anew
  useEffect(() => {
    const ending = new AbortController()
    setState({ kind: 'connecting' })
    void followRequests(
      {
        told: (more) => {
          news.current = keepNewest(news.current, more)
        },
        missed: (count) =>
          setMissed((before) => (before === null || count === null ? null : before + count)),
        changed: setState,
      },
      ending.signal,
    )
    return () => ending.abort()
  }, [attempt])

  const draw = useCallback((): void => {
    const more = news.current
    if (more.length === 0) return
    news.current = []
    setRequests((known) => keepNewest(known, more.toReversed()))
  }, [])

  useEffect(() => {
    const timer = setInterval(() => (paused ? setHeld(news.current.length) : draw()), drawMs)
    return () => clearInterval(timer)
  }, [paused, draw])

  return {
    requests,
    state,
    paused,
    held,
    missed,
    toggle: () => {
      if (paused) draw()
      setHeld(0)
      setPaused(!paused)
    },
    clear: () => {
      news.current = []
      setRequests([])
      setHeld(0)
      setMissed(0)
    },
    retry: () => setAttempt(attempt + 1),
  }
}
