import { useLocation, useSearch } from 'wouter'

/** Filters that stand in the address, so that a view can be kept and passed on. */
export const useFilters = (): readonly [
  URLSearchParams,
  (changes: Readonly<Record<string, string>>) => void,
] => {
  const [location, navigate] = useLocation()
  const query = new URLSearchParams(useSearch())
  const change = (changes: Readonly<Record<string, string>>): void => {
    const next = new URLSearchParams(query)
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') next.delete(name)
      else next.set(name, value)
    }
    const text = next.toString()
    navigate(text === '' ? location : `${location}?${text}`, { replace: true })
  }
  return [query, change]
}
