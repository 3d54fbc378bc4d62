/* What the keys do in the console: the palette, the help, and that typing is left alone. */
import { equal } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { close, judgeShown, untilShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const api = await domain.createApi({ audience: 'https://parts.example/', scopes: ['read'] })
const client = await domain.createClient({ scopes: [`${api.audience}read`] })
const at = (path: string) => `${domain.url}/console${path}`

describe('the palette', { skip }, () => {
  it('finds objects, pages and actions, and says how many', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.keyboard.press('Control+k')
    const dialog = page.getByRole('dialog', { name: 'Find or do' })
    const field = dialog.getByRole('combobox')
    await untilShown(watched)
    await judgeShown(watched, 'palette light 1280')
    await field.fill(client.clientId)
    await dialog.getByRole('option', { name: /Application/ }).waitFor()
    equal(await dialog.getByRole('status').innerText(), '1 found')
    await page.keyboard.press('Enter')
    await page.waitForURL(at(`/applications/${client.id}`))
    await page.getByRole('button', { name: 'Find or do' }).click()
    await field.fill('parts.example')
    await dialog.getByRole('option', { name: /API/ }).click()
    await page.waitForURL(at(`/cloud-services/${api.id}`))
    await page.keyboard.press('Control+k')
    await field.fill('rotate')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Rotate signing keys' }).waitFor()
    await page.keyboard.press('Control+k')
    equal(await dialog.count(), 0, 'a dialog is not covered by another one')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+k')
    await field.fill('dark')
    await page.keyboard.press('Enter')
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor()
    await page.keyboard.press('Control+k')
    await judgeShown(watched, 'palette dark 1280')
    await field.fill('zzzz no such thing')
    await dialog.getByText('Nothing is found.').waitFor()
    await field.fill('sign out')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Sign in to Mintmark' }).waitFor()
    await close(watched)
  })

  it('does something with what was found, by the keys alone', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page, context } = watched
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const dialog = page.getByRole('dialog', { name: 'Find or do' })
    const field = dialog.getByRole('combobox')
    const turnTo = async (): Promise<void> => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type(client.clientId)
      await dialog.getByRole('option', { name: /Application/ }).waitFor()
      await page.keyboard.press('ArrowRight')
      await dialog.getByRole('option', { name: 'Copy client ID' }).waitFor()
    }
    await turnTo()
    await judgeShown(watched, 'palette actions light 1280')
    await page.keyboard.press('Backspace')
    await dialog.getByRole('option', { name: 'Add application' }).waitFor()
    await page.keyboard.press('Escape')
    await turnTo()
    await page.keyboard.type('copy')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    // it is written beside what the page shows
    let copied: unknown = ''
    for (const end = Date.now() + 20_000; copied === '' && Date.now() < end; ) {
      copied = await page.evaluate('navigator.clipboard.readText()')
    }
    equal(copied, client.clientId)
    await turnTo()
    await page.keyboard.type('deac')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: /^Deactivate application/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await turnTo()
    await page.keyboard.type('new secret')
    await page.keyboard.press('Enter')
    const secret = page.getByRole('dialog', { name: 'Regenerate client secret' })
    await secret.waitFor()
    await page.keyboard.press('Escape')
    await secret.waitFor({ state: 'detached' })
    await page.waitForURL(({ search }) => search === '?tab=credentials')
    await page.keyboard.press('Control+k')
    await field.fill('parts.example')
    await dialog.getByRole('option', { name: /API/ }).getByText('actions').click()
    await dialog.getByRole('option', { name: 'Protect this API' }).click()
    await page.waitForURL(at(`/cloud-services/${api.id}?tab=protect`))
    await close(watched)
  })

  it('takes the letters that are typed before it is there', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    let fetchIt = (): void => {}
    const asked = new Promise<void>((fulfil) => {
      fetchIt = fulfil
    })
    await page.route(/\/palette-[^/]*\.js$/, async (route) => {
      await asked
      await route.continue()
    })
    const path = new URL(page.url()).pathname
    await page.keyboard.press('Control+k')
    await page.keyboard.type('new secret')
    fetchIt()
    const field = page.getByRole('combobox')
    await field.waitFor()
    equal(await field.inputValue(), 'new secret')
    equal(new URL(page.url()).pathname, path, 'none of them is a key of the page')
    await close(watched)
  })

  it('is for small pages too', async () => {
    const watched = await signInBrowser(browser, domain, { width: 390, scheme: 'dark' })
    await watched.page.getByRole('button', { name: 'Find or do' }).click()
    await watched.page.getByRole('combobox').fill('key')
    await judgeShown(watched, 'palette dark 390')
    await close(watched)
  })
})

describe('keys', { skip }, () => {
  it('lead from page to page, walk rows and tell of themselves', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await judgeShown(watched, 'keys light 1280')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.getByRole('heading', { name: 'Integrated applications', level: 1 }).waitFor()
    await untilShown(watched)
    await page
      .getByRole('link', { name: /^Client/ })
      .first()
      .waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const row = page.locator('tbody tr').first()
    equal(await row.locator('a:focus').count(), 1)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/applications\/\w{32}$/)
    await close(watched)
  })

  it('do nothing where text is typed', async () => {
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at('/applications'))
    await untilShown(watched)
    await page.keyboard.press('/')
    await page.keyboard.type('gank?/j')
    equal(await page.getByLabel('Search').inputValue(), 'gank?/j')
    equal(await page.getByRole('dialog').count(), 0)
    await page.getByText('No application is found with these filters.').waitFor()
    await close(watched)
  })
})
