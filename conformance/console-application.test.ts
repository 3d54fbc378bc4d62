/* The page of one application: two who edit it at once, what was, what is missing, a copy. */
import { deepEqual, equal, match } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { askToken } from './kit/ask.ts'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { close, judgeShown, untilShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const audience = 'https://orders.example/'
const api = await domain.createApi({ audience, scopes: ['orders.read', 'orders.write'] })
const at = (path: string) => `${domain.url}/console${path}`
const newClient = () => domain.createClient({ scopes: [`${audience}orders.read`] })

const edit = async (page: Page, id: string): Promise<void> => {
  await page.goto(at(`/applications/${id}`))
  const general = page.getByRole('region', { name: 'General Information' })
  await general.getByRole('button', { name: 'Edit', exact: true }).click()
}

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()

const record = async (id: string) => domain.admin.call('GET', `/Apps/${id}?attributeSets=all`)

describe('two administrators who edit one application', { skip }, () => {
  it('lose nothing: the second is told what changed, and adds theirs to it', async () => {
    const { id } = await newClient()
    const first = await signInBrowser(browser, domain)
    const second = await signInBrowser(browser, domain)
    for (const { page } of [first, second]) await edit(page, id)
    await first.page.getByLabel('Description').fill('Bills at night')
    await save(first.page)
    await first.page.getByText('Bills at night').first().waitFor()
    const { page } = second
    await page.getByLabel('Contact').fill('zoe@example.com')
    await page.getByLabel('Tag key').fill('team')
    await page.getByLabel('Tag value').fill('billing')
    await page.getByRole('button', { name: 'Add tag' }).click()
    await save(page)
    const alert = page.getByRole('alert')
    await alert.getByText('Somebody else changed this meanwhile').waitFor()
    await alert.getByRole('row', { name: 'Description – Bills at night' }).waitFor()
    await alert.getByText('You changed other things: both fit together.').waitFor()
    equal(await page.getByLabel('Contact').inputValue(), 'zoe@example.com')
    await judgeShown(second, 'application conflict light 1280')
    await alert.getByRole('button', { name: 'Apply my changes to the new version' }).click()
    await page.getByText('zoe@example.com').waitFor()
    await page.getByText('Bills at night').first().waitFor()
    const now = await record(id)
    deepEqual(
      [now['description'], now['contactEmailAddress'], now['tags']],
      ['Bills at night', 'zoe@example.com', [{ key: 'team', value: 'billing' }]],
    )
    await close(first)
    await close(second)
  })

  it('say who wins where both changed the same, and may drop what they typed', async () => {
    const { id } = await newClient()
    const first = await signInBrowser(browser, domain)
    const second = await signInBrowser(browser, domain)
    for (const { page } of [first, second]) await edit(page, id)
    await first.page.getByLabel('Description').fill('of the first')
    await save(first.page)
    await first.page.getByText('of the first').first().waitFor()
    const { page } = second
    await page.getByLabel('Description').fill('of the second')
    await save(page)
    await page.getByText('yours would replace theirs').waitFor()
    await page.getByRole('button', { name: 'Drop mine' }).click()
    equal(await page.getByLabel('Description').inputValue(), 'of the first')
    await page.getByLabel('Name').fill(`Renamed ${id}`)
    await save(page)
    await page.getByRole('heading', { name: `Renamed ${id}`, level: 1 }).waitFor()
    equal((await record(id))['description'], 'of the first')
    await close(first)
    await close(second)
  })

  it('lay the OAuth configuration of both together as well', async () => {
    const { id } = await newClient()
    const first = await signInBrowser(browser, domain)
    const second = await signInBrowser(browser, domain)
    for (const { page } of [first, second]) {
      await page.goto(at(`/applications/${id}?tab=oauth`))
      await page.getByRole('button', { name: 'Edit OAuth configuration' }).click()
    }
    await first.page.getByLabel('Introspect').check()
    await first.page.getByRole('button', { name: 'Submit' }).click()
    await first.page.getByRole('button', { name: 'Edit OAuth configuration' }).waitFor()
    const { page } = second
    await page.getByLabel('Trusted', { exact: true }).check()
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.getByRole('button', { name: 'Apply my changes to the new version' }).click()
    await page.getByRole('button', { name: 'Edit OAuth configuration' }).waitFor()
    const now = await record(id)
    deepEqual([now['clientType'], now['allowedOperations']], ['trusted', ['introspect']])
    await close(first)
    await close(second)
  })
})

describe('the page of an application', { skip }, () => {
  it('says what is missing, and leads to what mends it', async () => {
    const made = await domain.createClient({ scopes: [] })
    await domain.setActive(made, false)
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at(`/applications/${made.id}`))
    const rail = page.getByRole('complementary', { name: 'Readiness' })
    await rail.getByText('Has a valid secret (does not expire)').waitFor()
    await rail.getByText('Got no token yet').waitFor()
    await judgeShown(watched, 'application not ready light 1280')
    await rail.getByRole('link', { name: 'Add scopes' }).click()
    await page.getByRole('button', { name: 'Edit OAuth configuration' }).waitFor()
    await rail.getByRole('button', { name: 'Activate it' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Activate application' }).click()
    await rail.getByText('Is active').waitFor()
    await close(watched)
  })

  it('has its requests, its history, and brings back what was', async () => {
    const { id, clientId } = await newClient()
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await edit(page, id)
    await page.getByLabel('Description').fill('a mistake')
    await save(page)
    await page.getByText('a mistake').first().waitFor()
    const wrong = btoa(`${clientId}:mms_wrong`)
    await fetch(`${domain.url}/oauth2/v1/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${wrong}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    await page.getByRole('tab', { name: 'Activity' }).click()
    await page.getByText('MISTYPED_SECRET').first().waitFor()
    await page.getByRole('tab', { name: 'History' }).click()
    // not the row below it, which opens and tells the whole event
    const change = page.getByRole('row', { name: /administrator\s+application\.replace/ })
    await change.getByRole('button', { name: 'More' }).click()
    await page.getByRole('table', { name: 'Change' }).getByText('a mistake').waitFor()
    await page.getByRole('button', { name: 'Restore what was before' }).click()
    await change.nth(1).waitFor()
    equal((await record(id))['description'] ?? null, null)
    await close(watched)
  })

  it('ends one secret for good when the name was typed, and no program by it', async () => {
    const old = await newClient()
    const fresh = await domain.admin.rotateSecret(old, 3600)
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at(`/applications/${old.id}?tab=credentials`))
    const row = page.getByRole('row').filter({ hasText: 'Rotated out' })
    await row.getByRole('button', { name: /^Revoke/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke client secret' })
    const revoke = dialog.getByRole('button', { name: 'Revoke client secret' })
    equal(await revoke.isDisabled(), true)
    const label = (await dialog.getByText(/^Type the name to confirm/).innerText()) ?? ''
    await dialog.getByLabel(/^Type the name/).fill(label.replace(/^.*: /, ''))
    await judgeShown(watched, 'application revoking a secret')
    await revoke.click()
    await page.getByRole('row').filter({ hasText: 'Ended' }).waitFor()
    equal((await askToken(domain, old)).status, 401)
    equal((await askToken(domain, fresh)).status, 200)
    await close(watched)
  })

  it('duplicates it, with a secret of its own', async () => {
    const { id, clientId } = await newClient()
    const watched = await signInBrowser(browser, domain)
    const { page } = watched
    await page.goto(at(`/applications/${id}`))
    await page.getByRole('button', { name: 'Actions', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Duplicate' }).click()
    const name = await page.getByLabel('Name').inputValue()
    match(name, / copy$/)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.getByRole('heading', { name: `${name} is ready` }).waitFor()
    await page.getByRole('button', { name: 'Get a token now' }).click()
    const claims = page.getByRole('region', { name: 'Claims' })
    await claims.getByRole('row', { name: /^scope orders\.read/ }).waitFor()
    equal(await claims.getByText(clientId).count(), 0)
    await page.getByLabel('I have stored it').check()
    await close(watched)
  })

  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    // what it is when nobody changes it, console-screens.test.ts judges
    it(`is for everybody while it is changed: ${scheme}, ${width} pixels`, async () => {
      const { id } = await newClient()
      const watched = await signInBrowser(browser, domain, { scheme, width })
      const { page } = watched
      await edit(page, id)
      await untilShown(watched)
      await judgeShown(watched, `application edit ${scheme} ${width}`)
      await page.goto(at(`/cloud-services/${api.id}?tab=protect`))
      await page.getByRole('region', { name: 'Protect this API' }).waitFor()
      await page.getByRole('region', { name: 'Express' }).getByText(audience).waitFor()
      await close(watched)
    })
  }
})
