/*
 * How fast the console is: `node conformance/console-speed.ts [applications]` prints the largest
 * contentful paint of its first page, should be below 1 s, on an empty server; then makes
 * applications, 100,000 unless said, and prints what a browser takes to show their list, to turn to
 * its last page, and to find one by name, which should be 300 ms at most, 120 of them the wait of
 * the field for the next key. Printed and not asserted, because a busy machine may say anything.
 */
import { signInBrowser, startBrowser } from './kit/browser.ts'
import { largestPaintOf, makeApplications, measureList } from './kit/large-console.ts'
import { startMintmark } from './kit/mintmark-domain.ts'

const count = Number(process.argv[2] ?? 100_000)
const whole = (milliseconds: number): string => `${Math.round(milliseconds)} ms`

const { browser, skip } = await startBrowser()
if (browser === null) throw new Error(skip)
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const domain = await startMintmark()
try {
  const paints: number[] = []
  for (let load = 0; load < 7; load += 1) {
    const fresh = await signInBrowser(browser, domain)
    paints.push(await largestPaintOf(fresh.page))
    await fresh.context.close()
  }
  const slowest = Math.max(...paints)
  console.log(
    `largest contentful paint: median ${whole(median(paints))}, longest ${whole(slowest)} of 7`,
  )
  const started = performance.now()
  await makeApplications(domain, count)
  console.log(`${count} applications made in ${whole(performance.now() - started)}`)
  const watched = await signInBrowser(browser, domain)
  const { shownMs, pageMs, searchMs } = await measureList(watched, {
    url: domain.url,
    count,
    searches: 11,
  })
  console.log(`list shown ${whole(shownMs)}, last page ${whole(pageMs)}`)
  console.log(
    `search: median ${whole(median(searchMs))}, ` +
      `longest ${whole(Math.max(...searchMs))} of ${searchMs.length}`,
  )
} finally {
  await browser.close()
  await domain.stop()
}
