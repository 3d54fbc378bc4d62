import { useEffect, useRef } from 'react'
import type { AroundNavHandler } from 'wouter'

/** Asks whether a page may be left; null: any may. */
let mayLeave: (() => Promise<boolean>) | null = null

/** Every way from page to page goes through here. */
export const leaveByPermission: AroundNavHandler = async (navigate, to, options) => {
  if (mayLeave === null || (await mayLeave())) navigate(to, options)
}

/**
 * While there is something on a page that would be lost, has whoever goes elsewhere asked first.
 * Closing or reloading the page is asked by the browser in its own words.
 */
export const useLeaveGuard = (isOn: boolean, ask: () => Promise<boolean>): void => {
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    if (!isOn) return
    mayLeave = () => latest.current()
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => {
      mayLeave = null
      window.removeEventListener('beforeunload', warn)
    }
  }, [isOn])
}
