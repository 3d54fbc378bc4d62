/** Something that is wrong, or will be. */
export interface Finding {
  /** `error`: callers notice. `warning`: they will, or somebody could make use of it. */
  readonly level: 'error' | 'warning'
  /** Which check found it; stable. */
  readonly check: string
  readonly what: string
  readonly why: string
  readonly fix: string
  /** Where the fix is to take rights from others: `doctor --fix` can do that. */
  readonly rights?: Rights
}

/** A path and the mode that it should have. */
export interface Rights {
  readonly path: string
  readonly mode: number
}

/** What one look came to: what is well in words, and what is not. */
export interface Examined {
  readonly well: readonly string[]
  readonly findings: readonly Finding[]
  /** What could not be looked at, and why. */
  readonly skipped: readonly string[]
}

/** Collects what one part of the examination finds. */
export const createExamination = () => {
  const well: string[] = []
  const findings: Finding[] = []
  const skipped: string[] = []
  const found =
    (level: Finding['level']) =>
    (check: string, what: string, why: string, fix: string, rights?: Rights) => {
      findings.push({ level, check, what, why, fix, ...(rights !== undefined && { rights }) })
    }
  return {
    examined: { well, findings, skipped } satisfies Examined,
    error: found('error'),
    warning: found('warning'),
    isWell: (what: string): void => {
      well.push(what)
    },
    skip: (what: string): void => {
      skipped.push(what)
    },
  }
}

export type Examination = ReturnType<typeof createExamination>

/** Several looks as one. */
export const joinExamined = (parts: readonly Examined[]): Examined => ({
  well: parts.flatMap(({ well }) => well),
  findings: parts.flatMap(({ findings }) => findings),
  skipped: parts.flatMap(({ skipped }) => skipped),
})

const marks = { error: '✖', warning: '⚠' } as const

/** What was found, for people: what, why, fix. */
export const examinedText = ({ well, findings, skipped }: Examined): string => {
  const lines = [
    ...well.map((what) => `✔ ${what}`),
    ...skipped.map((what) => `– ${what}`),
    ...findings.flatMap(({ level, what, why, fix }) => [
      `${marks[level]} ${what}`,
      `    Why: ${why}`,
      `    Fix: ${fix}`,
    ]),
  ]
  const count = (level: Finding['level']) => {
    const found = findings.filter((each) => each.level === level).length
    return `${found} ${level}${found === 1 ? '' : 's'}`
  }
  lines.push('', `${count('error')}, ${count('warning')}`)
  return `${lines.join('\n')}\n`
}
