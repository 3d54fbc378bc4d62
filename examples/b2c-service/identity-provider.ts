/** The external identity provider as the administrator of the site imported it: a metadata file. */
import { readFileSync, statSync } from 'node:fs'
import { readSamlMetadata, type SamlMetadata } from '@mintmark/guard/saml-metadata'

/**
 * The import as it is now; the file is read again when it has changed.
 * @param make what is made of an import, once for each
 * @returns a function that throws Error saying what the file lacks
 */
export const importedFrom = <Made>(path: string, make: (read: SamlMetadata) => Made) => {
  let stamp = ''
  let made: Made | null = null
  return (): Made => {
    const { mtimeMs, size, ino } = statSync(path)
    const now = `${mtimeMs} ${size} ${ino}`
    if (made === null || now !== stamp) {
      const read = readSamlMetadata(readFileSync(path, 'utf8'))
      if (!read.ok) throw new Error(`${path}: ${read.failure}`)
      made = make(read.value)
      stamp = now
    }
    return made
  }
}
