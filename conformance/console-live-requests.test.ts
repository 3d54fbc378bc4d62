/* The page of live requests in a browser: what it shows, keeps, and does when nobody answers. */
import { equal, match, ok } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { askToken } from './kit/ask.ts'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { freePort } from './kit/free-port.ts'
import { close, judgeShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'
import { withRestarts } from './kit/with-restarts.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const audience = 'https://looked-on.example/'
await domain.createApi({ audience, scopes: ['read', 'write'] })
const client = await domain.createClient({ scopes: [`${audience}read`] })
const wrong = { ...client, secret: 'mms_wrongwrongwrongwrongwrongwrongwrongwrongwrongwrong' }

const open = async (query = '', more: Parameters<typeof signInBrowser>[2] = {}) => {
  const watched = await signInBrowser(browser, domain, more)
  await watched.page.goto(`${domain.url}/console/live-requests${query}`)
  await watched.page.getByText('Live', { exact: true }).waitFor()
  return watched
}

const askAll = async () => {
  await askToken(domain, client, { scope: `${audience}read` })
  await askToken(domain, client, { scope: `${audience}write` })
  await askToken(domain, wrong, { scope: `${audience}read` })
}

describe('the page of live requests', { skip }, () => {
  it('says that it waits, then shows each request as it is answered', async () => {
    await askToken(domain, client)
    const watched = await open()
    const { page } = watched
    // the last of all that was asked before: nothing of that comes any more
    await page.getByRole('row', { name: client.clientId }).waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByText('Waiting for the first request').waitFor()
    await judgeShown(watched, 'live requests empty')
    await askAll()
    const rows = page.locator('tbody tr')
    await page.getByRole('row', { name: /SCOPE_NOT_GRANTED/ }).waitFor()
    await page.getByText('All 3', { exact: true }).waitFor()
    match(await rows.nth(2).innerText(), new RegExp(`200\\s+token\\s+${client.clientId}`))
    await close(watched)
  })

  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    it(`opens a row to how it was decided: ${scheme}, ${width} pixels`, async () => {
      await askAll()
      const watched = await open('?show=denied&reason=SCOPE_NOT_GRANTED', { scheme, width })
      const { page } = watched
      await page
        .getByRole('button', { name: /SCOPE_NOT_GRANTED/ })
        .first()
        .click()
      await page.getByRole('link', { name: 'Open application' }).waitFor()
      await page.getByText('The request was refused: SCOPE_NOT_GRANTED').waitFor()
      await judgeShown(watched, `live requests opened ${scheme} ${width}`)
      await page.getByRole('link', { name: 'Explain' }).last().click()
      await page.getByText('would be refused: SCOPE_NOT_GRANTED').waitFor()
      await close(watched)
    })
  }

  it('keeps its filters in the address, and each choice says what it would show', async () => {
    const watched = await open(`?q=${client.clientId}`)
    const { page } = watched
    await page.getByText(/^Denied \d+$/).click()
    await page.waitForURL(/show=denied/)
    await page
      .getByText(/^CLIENT_AUTH|^SCOPE_NOT_GRANTED \d+$/)
      .first()
      .click()
    await page.waitForURL(/reason=/)
    await page.getByLabel('Search').fill('nobody has this name')
    await page.getByText(/None of the \d+ requests here fits/).waitFor()
    await page.reload()
    equal(await page.getByLabel('Search').inputValue(), 'nobody has this name')
    await close(watched)
  })

  it('is worked by keys: pause, walk, open', async () => {
    const mine = await domain.createClient({ scopes: [`${audience}read`] })
    const askThrice = async () => {
      for (let asked = 0; asked < 3; asked += 1) await askToken(domain, mine)
    }
    await askThrice()
    const watched = await open(`?q=${mine.clientId}`)
    const { page } = watched
    await page.getByText('All 3', { exact: true }).waitFor()
    await page.keyboard.press(' ')
    await page.getByText('Paused', { exact: true }).waitFor()
    await askThrice()
    await page.getByRole('button', { name: 'Go on (3 new)' }).waitFor()
    equal(await page.locator('.live-row').count(), 3)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('.live-row').nth(1).and(page.locator('[aria-expanded=true]')).waitFor()
    await page.getByRole('button', { name: 'Go on (3 new)' }).click()
    await page.getByText('All 6', { exact: true }).waitFor()
    equal(await page.locator('.live-row').count(), 6)
    await page.keyboard.press('/')
    await page.getByLabel('Search').and(page.locator(':focus')).waitFor()
    await close(watched)
  })

  it('goes on by itself when the server was away, and says that some may be missing', async () => {
    const environment = { MINTMARK_LISTEN: `127.0.0.1:${await freePort()}` }
    await withRestarts({ environment }, async (first, restart) => {
      const watched = await signInBrowser(browser, first)
      const { page } = watched
      await page.goto(`${first.url}/console/live-requests`)
      await page.locator('.live-row').first().waitFor()
      const before = await page.locator('.live-row').count()
      await first.process().stop()
      await page.getByText('The server does not answer').waitFor()
      await judgeShown(watched, 'live requests away')
      const second = await restart()
      const fresh = await second.createClient({ scopes: [] })
      await askToken(second, fresh, {})
      await page.getByText('Some requests were left out here').waitFor()
      await page.getByRole('button', { name: /SCOPE_NONE_AVAILABLE/ }).waitFor()
      ok((await page.locator('.live-row').count()) > before)
      await watched.context.close()
    })
  })
})
