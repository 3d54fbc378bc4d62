/**
 * 53 bits of a text, as an integer that every database and JavaScript hold exactly. For finding
 * things again, where the text itself is compared too or a mix-up does no harm: not for secrets.
 */
export const textHash = (text: string): number => {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 13
  }
  high ^= low >>> 16
  return (high >>> 0) * 0x200000 + ((low >>> 0) & 0x1fffff)
}
