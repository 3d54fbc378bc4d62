/* Re-use window and budgets in the console: said where applications are configured, and watched. */
import { deepEqual, equal } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { askToken } from './kit/ask.ts'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { judgeShapes } from './kit/console-screens.ts'
import { close, untilShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const api = await domain.createApi({ audience: 'https://metered.example/', scopes: ['read'] })
const client = await domain.createClient({ scopes: [`${api.audience}read`] })
const at = (path: string) => `${domain.url}/console${path}`

describe('budgets of tokens', { skip }, () => {
  it('are said for an application and for an API, and are seen being spent', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    // it counts since its own minute and day began: those that end amid the test would be others
    await page.clock.setFixedTime(Date.now())
    for (const [side, id] of [
      ['Client configuration', client.id],
      ['Resource server configuration', api.id],
    ] as const) {
      await page.goto(at(`/applications/${id}?tab=oauth`))
      await page.getByRole('button', { name: 'Edit OAuth configuration' }).click()
      const panel = page.getByRole('group', { name: side }).first()
      await panel.getByText('Re-use and budgets of tokens').click()
      await panel.getByLabel('New tokens a minute').fill('4')
      await panel.getByLabel('New tokens a day').fill('none')
      await panel.getByLabel('When they are spent').selectOption('observe')
      await page.getByRole('button', { name: 'Submit' }).click()
      await page.getByText('A budget is a whole number of tokens.').waitFor()
      await panel.getByLabel('New tokens a day').fill('10')
      await page.getByRole('button', { name: 'Submit' }).click()
      await page.getByText('4 a minute, 10 a day (observe)').waitFor()
    }
    for (let asked = 0; asked < 3; asked += 1) equal((await askToken(domain, client)).status, 200)
    for (const path of [
      `/applications/${client.id}?tab=activity`,
      `/cloud-services/${api.id}?tab=access`,
    ]) {
      await page.goto(at(path))
      const use = page.getByRole('region', { name: 'Use of tokens' })
      await use.getByText('3 of 4 this minute').waitFor()
      await use.getByText('3 of 10 this day').waitFor()
      await untilShown(watched)
      const name = `use of tokens ${path.split('/')[1]}`
      deepEqual(await judgeShapes(watched, name), [])
      await page.setViewportSize({ width: 1280, height: 900 })
    }
    await page.goto(at(`/applications/${client.id}?tab=code`))
    await page.getByText('tokensPerMinute: 4').waitFor()
    await close(watched)
  })
})
