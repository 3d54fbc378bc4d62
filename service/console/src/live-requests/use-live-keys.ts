import { useEffect } from 'react'

const takesLetters = 'input, textarea, select, [role="dialog"]'
const takesSpace = 'button, a'

const focusRow = (step: 1 | -1): void => {
  const rows = [...document.querySelectorAll<HTMLElement>('.live-row')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus()
}

/** Space pauses, j and k walk the rows, Enter opens one, / goes to the search. */
export const useLiveKeys = (toggle: () => void): void => {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target as HTMLElement
      if (target.closest(takesLetters) !== null) return
      if (event.key === 'j' || event.key === 'k') focusRow(event.key === 'j' ? 1 : -1)
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus()
      else if (event.key === ' ' && target.closest(takesSpace) === null) toggle()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [toggle])
}
