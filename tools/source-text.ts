/** Lines of a text without their ends. */
export const linesOf = (text: string): readonly string[] => text.split(/\r?\n/)

/** Line number, from 1, of a position in a text. */
export const lineAt = (text: string, position: number): number => {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) {
    line += 1
  }
  return line
}

/** Whether a path is a test, by its name alone. */
export const isTestFile = (file: string): boolean => /\.test\.[cm]?tsx?$/.test(file)

/** Whether a path is TypeScript, by its name alone. */
export const isTypeScript = (file: string): boolean => /\.[cm]?tsx?$/.test(file)
