import type { JudgeCall } from '@mintmark/server/imagined-calls'

/** What a guard would say, for the console; the library is loaded when somebody first asks. */
export const judgeCall: JudgeCall = async (call) => (await import('./ask-guard.ts')).askGuard(call)
