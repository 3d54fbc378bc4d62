import type { Environment } from './server-process.ts'

/** Settings of a server whose clock is ahead of ours: what happens in three months, now. */
export const clockAhead = (milliseconds: number): Environment => {
  const program = `
const Real = Date
globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length > 0) super(...parts)
    else super(Real.now() + ${milliseconds})
  }
  static now() { return Real.now() + ${milliseconds} }
}`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` }
}
