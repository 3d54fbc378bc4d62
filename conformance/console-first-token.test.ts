/*
 * From a console without anything in it to a decoded token, by the mouse alone and by the keys
 * alone: how many movements of the hand it takes, the name apart.
 */
import { equal, ok } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { close, judgeShown, untilShown } from './kit/shown-page.ts'
import { startOurs } from './kit/start-domain.ts'

const { browser, skip } = await startBrowser()
after(() => browser?.close())

const clicksMax = 6
const keysMax = 25
const name = 'Nightly billing'

/** Counts what a hand does, in the page, whatever the test means to do. */
const countEvents = async (page: Page): Promise<() => Promise<Counted>> => {
  await page.evaluate(`window.counted = { clicks: 0, keys: 0 }
    for (const [type, kind] of [['pointerdown', 'clicks'], ['keydown', 'keys']])
      window.addEventListener(type, (event) => {
        if (event.isTrusted) window.counted[kind] += 1
      }, true)`)
  return () => page.evaluate('window.counted') as Promise<Counted>
}

interface Counted {
  readonly clicks: number
  readonly keys: number
}

const claimsOf = (page: Page) => page.getByRole('region', { name: 'Claims' })

const isEnough = async (page: Page): Promise<void> => {
  const claims = claimsOf(page)
  await claims.getByRole('row', { name: /^aud https:\/\/orders\.example\// }).waitFor()
  await claims.getByRole('row', { name: /^scope orders\.read/ }).waitFor()
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const { activeElement: at } = document
    const label = at.labels?.[0]?.textContent ?? ''
    return at.getAttribute('aria-label') ?? (label || at.textContent)
  })()`)

/** Presses Tab until it is there, and says nothing of how often: the page counts. */
const tabTo = async (page: Page, wanted: string): Promise<void> => {
  const seen: string[] = []
  for (let count = 0; count < keysMax; count += 1) {
    await page.keyboard.press('Tab')
    const at = (await focused(page)).trim()
    if (at.startsWith(wanted)) return
    seen.push(at)
  }
  throw new Error(`no Tab leads to ${wanted}; passed ${seen.join(' | ')}`)
}

describe('from an empty console to a decoded token', { skip }, () => {
  it(`takes at most ${clicksMax} clicks`, async () => {
    const domain = await startOurs()
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await untilShown(watched)
    const counted = await countEvents(page)
    await page.getByRole('link', { name: 'Add an application' }).click()
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByLabel('Add a first API with it').click()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText(`${name} will be able to use orders.read of Orders.`).waitFor()
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.getByRole('button', { name: 'Get a token now' }).click()
    await isEnough(page)
    const { clicks, keys } = await counted()
    ok(clicks > 0 && clicks <= clicksMax, `${clicks} clicks`)
    equal(keys, 0, 'the keys have done nothing')
    await judgeShown(watched, 'ready light 1280')
    await page.getByRole('link', { name: 'Overview' }).click()
    const dialog = page.getByRole('dialog', { name: 'The secret is not stored yet' })
    await dialog.getByRole('button', { name: 'Stay' }).click()
    await page.getByLabel('I have stored it').check()
    const secret = await page.locator('.secret').innerText()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    ok(!(await page.content()).includes(secret.trim()), 'the secret is shown once')
    await close(watched)
    await domain.stop()
  })

  it(`takes at most ${keysMax} keys and the name`, async () => {
    const domain = await startOurs()
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    const counted = await countEvents(page)
    await page.keyboard.press('n')
    // a dialog takes the keys a moment after it is shown
    await page.getByRole('dialog', { name: 'Add application' }).locator(':focus').waitFor()
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').and(page.locator(':focus')).waitFor()
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page.getByLabel('Add a first API with it').waitFor()
    await tabTo(page, 'Add a first API with it')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByText('will be able to use').waitFor()
    await tabTo(page, 'Activate application now')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: `${name} is ready` }).waitFor()
    await tabTo(page, 'Get a token now')
    await page.keyboard.press('Enter')
    await isEnough(page)
    const { keys, clicks } = await counted()
    ok(keys - name.length <= keysMax, `${keys - name.length} keys beside the name`)
    ok(keys > name.length, 'the keys were counted')
    equal(clicks, 0)
    await close(watched)
    await domain.stop()
  })
})
