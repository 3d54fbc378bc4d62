import { groups } from '../frame/places.ts'

/** What a key asks for, wherever on a page it is pressed. */
export type Shortcut =
  | { readonly kind: 'palette' | 'help' | 'new' | 'search' | 'wait' }
  | { readonly kind: 'row'; readonly step: 1 | -1 }
  | { readonly kind: 'page'; readonly href: string }

/** Of a keyboard event, what it takes to tell. */
export interface PressedKey {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** Pressed where text is typed, or in a dialog. */
  readonly isTaken: boolean
  /** The key before it was g, a moment ago. */
  readonly isAfterG: boolean
}

const pages = new Map(
  groups.flatMap(({ places }) =>
    places.flatMap(({ letter, href }) => (letter === undefined ? [] : [[letter, href] as const])),
  ),
)

const single: Readonly<Record<string, Shortcut>> = {
  '?': { kind: 'help' },
  '/': { kind: 'search' },
  n: { kind: 'new' },
  j: { kind: 'row', step: 1 },
  k: { kind: 'row', step: -1 },
  g: { kind: 'wait' },
}

/** null: the key is none of ours. */
export const shortcutOf = (pressed: PressedKey): Shortcut | null => {
  const { key, ctrlKey, metaKey, altKey, isTaken, isAfterG } = pressed
  if ((ctrlKey || metaKey) && !altKey) {
    return key.toLowerCase() === 'k' ? { kind: 'palette' } : null
  }
  if (altKey || isTaken) return null
  if (isAfterG) {
    const href = pages.get(key)
    return href === undefined ? null : { kind: 'page', href }
  }
  return single[key] ?? null
}

/** For the page of help. */
export const keysTold: readonly (readonly [keys: string, does: string])[] = [
  ['Ctrl K or ⌘ K', 'Find applications, APIs, pages and actions'],
  ['→ in what was found', 'What can be done with an application or an API'],
  ['?', 'This help'],
  ['n', 'Add application'],
  ['/', 'Search on this page'],
  ['j and k', 'Next and previous row'],
  ['Enter', 'Open the row'],
  ['Esc', 'Close what is open'],
]
