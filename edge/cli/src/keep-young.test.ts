import { equal } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** Says how many of a hundred objects begin in the old generation after so many have lived long. */
const trial = (prepare: string): string => `
  import { keepYoung } from ${JSON.stringify(new URL('./keep-young.ts', import.meta.url).href)}
  ${prepare}
  const kept = []
  const make = (n) => ({ n, of: { n } });
  %PrepareFunctionForOptimization(make)
  for (let n = 0; n < 400_000; n += 1) kept.push(make(n));
  %OptimizeFunctionOnNextCall(make)
  kept.push(make(0))
  let old = 0
  for (let n = 0; n < 100; n += 1) {
    const one = make(n)
    kept.push(one)
    if (!%InYoungGeneration(one)) old += 1
  }
  console.log(old)`

/** The trial is compiled when it says so, and at no other moment. */
const compiledOnCall = [
  '--allow-natives-syntax',
  '--no-maglev',
  '--no-use-osr',
  '--invocation-count-for-turbofan=100000000',
]
const flags = [...compiledOnCall, '--max-semi-space-size=4']

const madeOld = (prepare: string): number =>
  Number(execFileSync(process.execPath, [...flags, '--input-type=module', '-e', trial(prepare)]))

test('objects begin young, though those before them have lived long', () => {
  equal(madeOld(''), 100, 'V8 does not do any more what this is about')
  equal(madeOld('keepYoung()'), 0)
})
