/** Names are compared as the server compares them. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase()
