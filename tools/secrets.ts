import { isTestFile, lineAt } from './source-text.ts'
import { broken, type Check, type Violation } from './violation.ts'

const rule = 'secrets'

interface Forbidden {
  readonly pattern: RegExp
  readonly message: string
  /** Tests plant such things to see them refused. */
  readonly allowedInTests: boolean
}

const forbidden: readonly Forbidden[] = [
  {
    pattern: /(?<![\w.:/-])\/(?:root|work|home)\//g,
    message: 'a path of one machine',
    allowedInTests: false,
  },
  {
    pattern: /\.\.\/shared\b/g,
    message: 'a path that leaves the repository',
    allowedInTests: false,
  },
  {
    pattern: /\b(?:registry|npm|packages)\.[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|io|dev)\b/g,
    message: 'the host of a package registry',
    allowedInTests: false,
  },
  {
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
    message: 'a private key',
    allowedInTests: true,
  },
  {
    pattern: /\bmms_[0-9A-Za-z]{49}\b/g,
    message: 'a client secret in full',
    allowedInTests: true,
  },
]

/** Where the lock file says a package was downloaded from: a fact of one machine's registry. */
const resolvedFrom = /"resolved": "(?:https?|git\+[a-z]+):/g

const search = (file: string, text: string, pattern: RegExp, message: string): Violation[] =>
  [...text.matchAll(pattern)].map((match) =>
    broken(rule, file, lineAt(text, match.index + 1), message),
  )

export const secrets: Check = {
  name: rule,
  run: (tree) =>
    tree.files.flatMap((file) => {
      const text = tree.read(file)
      const found = forbidden
        .filter(({ allowedInTests }) => !(allowedInTests && isTestFile(file)))
        .flatMap(({ pattern, message }) => search(file, text, pattern, message))
      if (!file.endsWith('package-lock.json')) return found
      return [...found, ...search(file, text, resolvedFrom, 'the address of a package registry')]
    }),
}
