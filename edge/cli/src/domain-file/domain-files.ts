import type { DomainFiles, DomainFileVerdict } from '@mintmark/server/domain-files'
import type { ApplyOptions } from './apply-domain-file.ts'

const readBeside: ApplyOptions['source']['readBeside'] = () => {
  throw new Error('files beside the text are read by the command line only; put it into the text')
}

const apply: DomainFiles['apply'] = async (text, { ask, dryRun, nowMs }) => {
  const { applyDomainFile } = await import('./apply-domain-file.ts')
  let lines: DomainFileVerdict['lines'] = []
  const applied = await applyDomainFile({
    source: { files: [{ name: 'domain.yaml', text }], readBeside },
    send: ask,
    dryRun,
    nowMs,
    onPlan: (plan) => {
      lines = plan.lines
    },
  })
  if (!applied.ok) {
    return { verdict: 'refused', lines, secrets: [], message: applied.failure.message }
  }
  const { changed, secrets } = applied.value
  const verdict = changed ? (dryRun ? 'would-change' : 'changed') : 'unchanged'
  return { verdict, lines, secrets, message: null }
}

/** Domain files as the server takes them; loaded when somebody first sends one. */
export const domainFiles: DomainFiles = {
  read: async (ask, nowMs) => (await import('../export/export-domain.ts')).exportDomain(ask, nowMs),
  apply,
}
