/** Scheme and user, hosts, and what follows them. */
const parts = /^(postgres(?:ql)?:\/\/(?:[^/?]*@)?)([^/?@]*)(.*)$/
const attributes = /([?&])target_session_attrs=([^&]*)(&|$)/

/**
 * One URL for each host that a URL names: `postgres://user@one:5432,two:5432/name`, as libpq spells
 * it. Its `target_session_attrs` is left out: it is known what is looked for.
 */
export const urlsOfHosts = (url: string): readonly string[] => {
  const [, before = '', hosts = '', after = ''] = parts.exec(url) ?? []
  if (hosts === '') return [url]
  const rest = after.replace(attributes, (_, first, __, last) => (last === '&' ? first : ''))
  return hosts.split(',').map((host) => before + host + rest)
}

/** Which of the hosts libpq would take: `read-write` for the primary; null: nothing is said. */
export const targetOf = (url: string): string | null => attributes.exec(url)?.[2] ?? null
