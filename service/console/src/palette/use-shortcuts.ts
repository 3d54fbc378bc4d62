import { useEffect, useRef } from 'react'
import { shortcutOf } from './shortcut.ts'

const takesLetters = 'input, textarea, select, [contenteditable], [role="menu"]'
const isDialogOpen = (): boolean => document.querySelector('[role="dialog"]') !== null
/** The second of two keys is waited for so long. */
const waitMs = 1500

/** What is walked on a page: the first thing that can be chosen in each row of its tables. */
const rowsOfPage = (): readonly HTMLElement[] =>
  [...document.querySelectorAll('main tbody tr')].flatMap((row) => {
    const found = row.querySelector<HTMLElement>('a, button, input')
    return found === null ? [] : [found]
  })

const focusRow = (step: 1 | -1): void => {
  const rows = rowsOfPage()
  const at = rows.findIndex((each) => each.closest('tr')?.contains(document.activeElement))
  rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus()
}

const focusSearch = (): void => {
  const found = document.querySelector<HTMLElement>(
    'main [data-search], main search input, main input[type="search"]',
  )
  found?.focus()
}

interface Targets {
  readonly open: (what: 'palette' | 'help') => void
  readonly go: (href: string) => void
}

/** Keys that do something on every page; what a page itself takes is left to it. */
export const useShortcuts = (targets: Targets): void => {
  const latest = useRef(targets)
  latest.current = targets
  useEffect(() => {
    let gAtMs = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || isDialogOpen()) return
      const shortcut = shortcutOf({
        key: event.key,
        ctrlKey: event.ctrlKey,
        metaKey: event.metaKey,
        altKey: event.altKey,
        isTaken: event.target instanceof Element && event.target.closest(takesLetters) !== null,
        isAfterG: event.timeStamp - gAtMs < waitMs,
      })
      gAtMs = shortcut?.kind === 'wait' ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (shortcut === null) return
      event.preventDefault()
      const { open, go } = latest.current
      if (shortcut.kind === 'palette' || shortcut.kind === 'help') open(shortcut.kind)
      else if (shortcut.kind === 'new') go('/applications?add=confidential')
      else if (shortcut.kind === 'page') go(shortcut.href)
      else if (shortcut.kind === 'row') focusRow(shortcut.step)
      else if (shortcut.kind === 'search') focusSearch()
    }
    // at the window: the pages, which listen at the document, come first
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}
