/** Pages of the console as somebody sees them: settled, judged, pictured. */
import { deepEqual } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { judgeAccessibility, type Watched } from './browser.ts'

/** Pictures for people to look at, where a folder is named. */
const pictures = process.env['MINTMARK_CONSOLE_PICTURES']

/** Until the page has its heading, nothing is under way, and nothing is being loaded. */
export const untilShown = async ({ page, underway }: Watched): Promise<void> => {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  for (let quiet = 0; quiet < 3; ) {
    await page.waitForTimeout(40)
    const loading = await page.getByLabel('Loading', { exact: true }).count()
    quiet = underway() === 0 && loading === 0 ? quiet + 1 : 0
  }
}

/** Ends a visit, on which nothing may have failed. */
export const close = async ({ context, faults, foreign }: Watched): Promise<void> => {
  deepEqual(faults, [], 'the policy stopped something, or something failed')
  deepEqual(foreign, [], 'another origin was asked')
  await context.close()
}

/** A picture of what is shown now, where a folder for pictures is named. */
export const takePicture = async ({ page }: Watched, name: string): Promise<void> => {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
}

/** What is shown now is for everybody; with a picture of it. */
export const judgeShown = async (watched: Watched, name: string): Promise<void> => {
  deepEqual(await judgeAccessibility(watched), [], name)
  await takePicture(watched, name)
}
