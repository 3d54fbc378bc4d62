/**
 * Nothing that is stored changes: bodies of long packs are stored deflated from here on, which
 * older programs cannot read. Those that are there stay as they are.
 */
export const deflatedPacks = ''
