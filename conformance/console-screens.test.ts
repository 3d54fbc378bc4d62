/*
 * Every screen of the console in a real browser, on an empty server and on one that is in use: in
 * both schemes, wide and narrow, for everybody, and with nothing that the policy has to stop.
 */
import { deepEqual } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openWatched, signInBrowser, startBrowser, type Watched } from './kit/browser.ts'
import { judgeShapes, type Shown, screensOf, walkScreens } from './kit/console-screens.ts'
import { fillDomain } from './kit/filled-domain.ts'
import { close } from './kit/shown-page.ts'
import { startOurs } from './kit/start-domain.ts'

const { browser, skip } = await startBrowser()
after(() => browser?.close())

/** Walks all screens; nothing may be wrong on any. */
const judgeAll = async (watched: Watched, name: string, at: { url: string; shown: Shown }) => {
  const wrong: string[] = []
  const look = async (screen: string) => {
    wrong.push(...(await judgeShapes(watched, `${name} ${screen}`)))
  }
  // console-markup.test.ts loads each by its address
  const screens = screensOf(at.shown)
  await walkScreens(watched, { url: at.url, screens, isWithinPage: true }, look)
  deepEqual(wrong, [])
  await close(watched)
}

const unknown = '0'.repeat(32)

describe('every screen of the console', { skip }, () => {
  it('is for everybody on an empty server', async () => {
    const home = await startOurs()
    try {
      const shown = { apps: [unknown], apis: [unknown], more: [] }
      await judgeAll(await signInBrowser(browser, home), 'empty', { url: home.url, shown })
    } finally {
      await home.stop()
    }
  })

  it('is for everybody on a server that is in use', async () => {
    const home = await startOurs()
    try {
      const shown = await fillDomain(home, (what) => what)
      await judgeAll(await signInBrowser(browser, home), 'filled', { url: home.url, shown })
    } finally {
      await home.stop()
    }
  })

  it('is for everybody before anybody is signed in', async () => {
    const home = await startOurs()
    try {
      const watched = await openWatched(browser as NonNullable<typeof browser>, home.url)
      await watched.page.goto(`${home.url}/console/`)
      for (const tab of ['Pairing code', 'Password', 'Application']) {
        await watched.page.getByRole('tab', { name: tab }).click()
        deepEqual(await judgeShapes(watched, `sign in ${tab}`), [])
      }
      await close(watched)
    } finally {
      await home.stop()
    }
  })
})
