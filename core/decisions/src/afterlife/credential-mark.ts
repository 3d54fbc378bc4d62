/**
 * The mark of a credential in the ids of the tokens that it obtains (`credentialOfTokenId`): 32
 * bits of FNV-1a. It is no secret and keeps none: whoever makes two of one client's credentials
 * alike only has the tokens of both ended with either.
 * @param credential as the proof names it
 * @returns 8 hexadecimal digits
 */
export const credentialMark = (applicationId: string, credential: string): string => {
  let mark = 0x811c9dc5
  for (const byte of new TextEncoder().encode(`${applicationId} ${credential}`)) {
    mark = Math.imul(mark ^ byte, 0x01000193)
  }
  return (mark >>> 0).toString(16).padStart(8, '0')
}
