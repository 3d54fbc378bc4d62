/*
 * Names that bear scripts, of everything that has a name, on every screen in a real browser:
 * nothing of them runs, and no element is made of them.
 */
import { deepEqual } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { openWatched, startBrowser } from './kit/browser.ts'
import { screensOf, walkScreens } from './kit/console-screens.ts'
import { fillDomain, type Naming, pairUser } from './kit/filled-domain.ts'
import { close, untilShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const bearing = {
  text:
    `"'><img src=x onerror=ran=1><svg onload=ran=1><script>ran=1</script>` +
    '<a href=javascript:ran>',
  // RFC 6749 §3.3 has neither spaces nor quotation marks in a scope
  scope: `'><img/src=x/onerror=ran=1><script>ran=1</script>`,
}

/** What was named, each to be seen on some screen; with dots, which no thumbprint and key has. */
const marks = new Map<string, string>()
const named: Naming = (what, kind = 'text') => {
  const mark = `n.${marks.size}.n`
  const known = [...marks].find(([, each]) => each === what)?.[0]
  if (known === undefined) marks.set(mark, what)
  return (known ?? mark) + bearing[kind]
}

/** In certificates: the console shows their aliases and thumbprints. */
const shownNowhere = ['Acme', 'orders-worker', 'Partner']

/** Text and fields of the page; the address that a script would have left. */
const read = `(() => {
  const fields = [...document.querySelectorAll('input, textarea')].map(({ value }) => value)
  const made = document.querySelectorAll(
    'img[src=x], script:not([src]), svg[onload], [onerror], [onclick], a[href^="javascript:"]')
  return JSON.stringify({
    text: document.body.innerText + document.title + fields.join(' '),
    made: [...made].map(({ outerHTML }) => outerHTML),
    ran: window.ran === undefined ? [] : ['a script'],
  })
})()`

const readPage = async (page: Page) =>
  JSON.parse(String(await page.evaluate(read))) as { text: string; made: string[]; ran: string[] }

describe('a name that bears scripts', { skip }, () => {
  it('is text on every screen, whatever it names', async () => {
    const shown = await fillDomain(domain, named)
    const watched = await openWatched(browser as NonNullable<typeof browser>, domain.url)
    const { page } = watched
    const wrong: string[] = []
    page.on('dialog', (dialog) => {
      wrong.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    const code = await pairUser(domain, named('zoe'))
    await page.goto(`${domain.url}/console#pair=${code}`)
    await untilShown(watched)
    const seen = new Set<string>()
    const look = async (name: string): Promise<void> => {
      const { text, made, ran } = await readPage(page)
      for (const [mark] of marks) if (text.includes(mark)) seen.add(mark)
      wrong.push(...[...made, ...ran].map((each) => `${name}: ${each}`))
    }
    await walkScreens(watched, { url: domain.url, screens: screensOf(shown) }, look)
    // the walk presses nothing: people, tags and claims come with the whole domain
    await page.goto(`${domain.url}/console/domain-file`)
    await page.getByRole('button', { name: 'Export into the editor' }).click()
    await page.getByText('Write, paste or open').waitFor({ state: 'detached' })
    await look('domain file')
    deepEqual(wrong, [])
    const unseen = [...marks].filter(([mark]) => !seen.has(mark)).map(([, what]) => what)
    deepEqual(unseen, shownNowhere, 'shown nowhere, so nothing was proven of them')
    await close(watched)
  })
})
