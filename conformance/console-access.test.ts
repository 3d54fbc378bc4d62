/* Who reaches what, as the console tells it, in a real browser. */
import { match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { askToken } from './kit/ask.ts'
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { close, judgeShown } from './kit/shown-page.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { browser, skip } = await startBrowser()
after(() => browser?.close())

const audience = 'https://orders.example/'
const api = await domain.createApi({ audience, scopes: ['orders.read', 'orders.write'] })
const roleId = await domain.admin.createRole(api, 'OrderWriter', ['orders.write'])
const named = await domain.createClient({ scopes: [`${audience}orders.write`] })
const granted = await domain.createClient({ scopes: [] })
await domain.admin.grantRole(api.id, roleId, granted)
const used = await domain.createClient({ scopes: [`${audience}orders.read`] })
await domain.admin.call('PATCH', `/Apps/${used.id}`, {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'tags', value: [{ key: 'team', value: 'night' }] }],
})
for (let asked = 0; asked < 9; asked += 1) await askToken(domain, used)

const shapes = [
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 390 },
] as const

describe('who can reach a scope', { skip }, () => {
  for (const shape of shapes) {
    const name = `${shape.scheme} ${shape.width}`
    it(`is told with each way, and as a file: ${name}`, async () => {
      const watched = await signInBrowser(browser, domain, shape)
      const { page } = watched
      await page.goto(`${domain.url}/console/explain`)
      await page.getByRole('tab', { name: 'Who can reach a scope?' }).click()
      await judgeShown(watched, `who empty ${name}`)
      await page.locator('form').getByLabel('API').fill(audience)
      await page.locator('form').getByLabel('Scope').fill('orders.write')
      await page.getByRole('button', { name: 'Who can reach it' }).click()
      await page.getByText(`2 can reach ${audience}orders.write`).waitFor()
      await page.getByText('App role OrderWriter').waitFor()
      match(page.url(), /tab=who&api=.*&of=orders\.write/)
      await judgeShown(watched, `who ${name}`)
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export CSV' }).click()
      const csv = readFileSync(await (await download).path(), 'utf8')
      ok(csv.includes(`,${named.clientId},yes,Scope ${audience}orders.write\r\n`), csv)
      ok(csv.includes(`,${granted.clientId},yes,App role OrderWriter\r\n`), csv)
      await page.locator('form').getByLabel('API').fill('no such API')
      await page.getByRole('button', { name: 'Who can reach it' }).click()
      await page.getByText("There is no API 'no such API'").waitFor()
      await close(watched)
    })
  }
})

describe('the access map', { skip }, () => {
  for (const shape of shapes) {
    const name = `${shape.scheme} ${shape.width}`
    it(`is walked by keys, opens a panel, and has a table beside it: ${name}`, async () => {
      const watched = await signInBrowser(browser, domain, shape)
      const { page } = watched
      await page.goto(`${domain.url}/console/access-map?api=${encodeURIComponent(audience)}`)
      const role = page.getByRole('button', { name: 'Scopes and roles: Role OrderWriter' })
      await role.waitFor()
      await role.focus()
      await judgeShown(watched, `access map ${name}`)
      await page.keyboard.press('ArrowRight')
      const focused = 'document.activeElement?.getAttribute("aria-label")'
      match(String(await page.evaluate(focused)), /^APIs: /)
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowLeft')
      match(String(await page.evaluate(focused)), /^Applications: /)
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').getByRole('link', { name: 'Explain' }).first().waitFor()
      await page.keyboard.press('Escape')
      await page.getByText('Table', { exact: true }).click()
      await page.getByRole('cell', { name: 'Role OrderWriter' }).waitFor()
      await judgeShown(watched, `access map table ${name}`)
      await page.locator('form').getByLabel('Use').selectOption('day')
      await page.getByText('1 grants of 1 applications').waitFor()
      await page.getByRole('row', { name: /orders\.read .* 9$/ }).waitFor()
      await page.locator('form').getByLabel('Tag').fill('team=day')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.getByText('nothing fits these filters').waitFor()
      await judgeShown(watched, `access map empty ${name}`)
      await page.locator('form').getByLabel('Tag').fill('team')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.getByText('Map', { exact: true }).click()
      const lines = page.locator('path.map-used')
      await lines.first().waitFor({ state: 'attached' })
      ok(Number(await lines.first().getAttribute('stroke-width')) > 3, 'as thick as it is used')
      await close(watched)
    })
  }
})
