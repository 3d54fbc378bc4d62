/** Commands whose last word may be a SHA-256 in base64url: what is without a name is called so. */
const takers = ['admin sessions end', 'app key remove']

const idLikeAnOption = /^-[\w-]{42}$/

/**
 * The words of a command line, an id that begins with `-` behind a `--`: one in 64 does, and who
 * ends what a list has named must not be told of an unknown option.
 */
export const withIdsLast = (words: readonly string[]): readonly string[] => {
  if (!takers.includes(words.slice(0, 3).join(' ')) || words.includes('--')) return words
  const ids = words.filter((word) => idLikeAnOption.test(word))
  return ids.length === 0
    ? words
    : [...words.filter((word) => !idLikeAnOption.test(word)), '--', ...ids]
}
