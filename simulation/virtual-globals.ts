/*
 * Clocks, timers and chance of this process become those of the world for whoever acts in it. The
 * product reads them where it always does, and needs no port for them.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { acting, type Due, presentWorld, type World } from './world.ts'

type Callback = (...values: unknown[]) => void

/** What `setTimeout` gives: the product keeps it, unrefs it and clears it. */
class VirtualTimer {
  due: Due | null = null
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return false
  }
}

const real = {
  now: Date.now,
  random: Math.random,
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  clearTimeout: globalThis.clearTimeout,
  steady: performance.now.bind(performance),
  randomFillSync: crypto.randomFillSync,
  randomBytes: crypto.randomBytes,
  timeout: AbortSignal.timeout,
}

/** The world whose clock counts here; null: the real one does. */
const worldHere = (): World | null => (acting.getStore() === undefined ? null : presentWorld())

const start = (world: World, ms: number, repeats: boolean, run: () => void): VirtualTimer => {
  const actor = acting.getStore()
  if (actor === undefined) throw new Error('a timer of nobody')
  const timer = new VirtualTimer()
  const begin = (): void => {
    timer.due = world.after(actor, ms, () => {
      if (repeats) begin()
      run()
    })
  }
  begin()
  return timer
}

const timerBy =
  (name: 'setTimeout' | 'setInterval' | 'setImmediate') =>
  (run: Callback, ...rest: unknown[]): unknown => {
    const world = worldHere()
    if (world === null) return (real[name] as (...all: unknown[]) => unknown)(run, ...rest)
    const values = name === 'setImmediate' ? rest : rest.slice(1)
    // Node takes 1 ms for less, and for no number
    const ms = name === 'setImmediate' ? 0 : Math.max(1, Number(rest[0]) || 1)
    return start(world, ms, name === 'setInterval', () => run(...values))
  }

const clear = (timer: unknown): void => {
  if (!(timer instanceof VirtualTimer)) real.clearTimeout(timer as NodeJS.Timeout)
  else if (timer.due !== null) timer.due.isOff = true
}

let fills = 0

/** How often random bytes were asked for; ids are cut from a pool that is filled so. */
export const fillCount = (): number => fills

const fill = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
  fills += 1
  const world = presentWorld()
  if (world === null) return real.randomFillSync(bytes)
  world.random.fill(bytes)
  return bytes
}

const timeoutSignal = (ms: number): AbortSignal => {
  if (worldHere() === null) return real.timeout.call(AbortSignal, ms)
  const controller = new AbortController()
  setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms)
  return controller.signal
}

/** Once a process. */
export const installVirtualGlobals = (): void => {
  Date.now = () => {
    const world = worldHere()
    if (world === null) return real.now()
    return Math.floor(world.nowMs() + (acting.getStore()?.clockAheadMs ?? 0))
  }
  performance.now = () => worldHere()?.nowMs() ?? real.steady()
  Math.random = () => worldHere()?.random.next() ?? real.random()
  Object.assign(globalThis, {
    setTimeout: timerBy('setTimeout'),
    setInterval: timerBy('setInterval'),
    setImmediate: timerBy('setImmediate'),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  })
  AbortSignal.timeout = timeoutSignal
  Object.assign(crypto, {
    randomFillSync: fill,
    randomBytes: (count: number) => fill(Buffer.alloc(count)),
  })
  syncBuiltinESMExports()
}
