import type { AppRecord } from '../server/records.ts'
import type { Command } from './command.ts'

const copy = (label: string, text: string): Command => ({
  id: label,
  label,
  kind: 'Copy',
  act: { run: () => navigator.clipboard.writeText(text) },
})

const go = (label: string, href: string, words = ''): Command => ({
  id: label,
  label,
  kind: 'Action',
  words,
  act: { href },
})

const ofApi = ({ id, audience = '' }: AppRecord): readonly Command[] => {
  const page = `/cloud-services/${id}`
  return [
    go('Open', page),
    copy('Copy primary audience', audience),
    go('Application roles', `${page}?tab=roles`, 'assign'),
    go('Applications with access', `${page}?tab=access`, 'who use budget'),
    go('Protect this API', `${page}?tab=protect`, 'guard nginx express'),
    go('Edit scopes and tokens', `/applications/${id}?tab=oauth`, 'oauth configuration lifetime'),
    go('Show in the access map', `/access-map?api=${id}`),
  ]
}

const ofApplication = (app: AppRecord): readonly Command[] => {
  const { id, name, active } = app
  const page = `/applications/${id}`
  const isClient = app.isOAuthClient === true
  const forClient = isClient
    ? [
        go('Get a token', `/playground?client=${id}`, 'test try playground'),
        go('Explain', `/explain?client=${encodeURIComponent(name)}`, 'why denied'),
        go('Access', `${page}?tab=access`, 'scopes roles given'),
        go('Activity', `${page}?tab=activity`, 'requests budget use'),
      ]
    : []
  const forSecret =
    isClient && app.clientType !== 'public'
      ? [go('New secret…', `${page}?tab=credentials&do=secret`, 'rotate regenerate client')]
      : []
  return [
    go('Open', page),
    copy('Copy client ID', name),
    ...forClient,
    ...forSecret,
    go(active ? 'Deactivate…' : 'Activate…', `${page}?do=activation`),
    go('OAuth configuration', `${page}?tab=oauth`, 'edit grants scopes'),
    go('History', `${page}?tab=history`, 'changes audit'),
    go('As code', `${page}?tab=code`, 'yaml curl command export'),
    go('Delete…', `${page}?do=delete`, 'remove'),
  ]
}

/** What can be done with one application or API that was found. */
export const actionsOf = (kind: 'Application' | 'API', app: AppRecord): readonly Command[] =>
  kind === 'API' ? ofApi(app) : ofApplication(app)
