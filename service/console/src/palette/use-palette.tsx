import { useMantineColorScheme } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { lazyPage } from '../frame/lazy-page.tsx'
import { useSession } from '../frame/session-context.ts'
import type { Command } from './command.ts'
import { useShortcuts } from './use-shortcuts.ts'

const Palette = lazyPage(async () => (await import('./palette.tsx')).Palette)
const ShortcutsHelp = lazyPage(async () => (await import('./shortcuts-help.tsx')).ShortcutsHelp)

export type Opened = 'palette' | 'help' | null

/** What the frame can do without going anywhere. */
const useOwnCommands = (open: (what: Opened) => void): readonly Command[] => {
  const { session, leave } = useSession()
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const { issuer } = session.domain
  const action = (label: string, words: string, run: () => unknown): Command => ({
    id: label,
    label,
    kind: 'Action',
    words,
    act: { run: () => void run() },
  })
  return [
    action('Light colours', 'scheme theme mode bright', () => setColorScheme('light')),
    action('Dark colours', 'scheme theme mode night', () => setColorScheme('dark')),
    action('Colours as the system', 'scheme theme mode auto', () => setColorScheme('auto')),
    action('Copy issuer', issuer, () => navigator.clipboard.writeText(issuer)),
    { ...action('Show the keys', 'help shortcuts', () => open('help')), keys: '?' },
    action('Sign out', 'log out leave end session', leave),
  ]
}

const takesKeys = 'input, textarea, select, [contenteditable], [role="dialog"]'

/** Hands on the letters that somebody types before the palette is there to take them. */
const useEarlyLetters = (isOpen: boolean, take: (letter: string) => void): void => {
  useEffect(() => {
    if (!isOpen) return
    const press = (event: KeyboardEvent): void => {
      const { key, target } = event
      if (key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.isComposing || (target instanceof Element && target.closest(takesKeys))) return
      // nor are they the keys of the page that stands there meanwhile
      event.preventDefault()
      take(key)
    }
    window.addEventListener('keydown', press, true)
    return () => window.removeEventListener('keydown', press, true)
  }, [isOpen, take])
}

/** The palette, the help, and the keys that open them. */
export const usePalette = () => {
  const [opened, setOpened] = useState<Opened>(null)
  const [text, setText] = useState('')
  const open = (what: Opened): void => {
    setText('')
    setOpened(what)
  }
  const takeLetter = useCallback((letter: string) => setText((before) => before + letter), [])
  useEarlyLetters(opened === 'palette', takeLetter)
  const [, navigate] = useLocation()
  const here = useOwnCommands(open)
  const close = (): void => open(null)
  useShortcuts({ open, go: navigate })
  const shown =
    opened === 'palette' ? (
      <Palette here={here} text={text} onText={setText} onClose={close} />
    ) : opened === 'help' ? (
      <ShortcutsHelp onClose={close} />
    ) : null
  return { open, shown }
}
