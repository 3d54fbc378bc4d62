import { clocksApartMsMax } from '@mintmark/registry/revocation'
import type { FaultKind, Step } from './plan.ts'
import type { Scene } from './scene.ts'
import { breakPromise, noteSleep } from './scene.ts'
import { createLink, type ServerNode, startNode } from './server-node.ts'

const delayMsDefault = 2
const slowPartDefault = 0.05
const latePartDefault = 0.002
const secondMs = 1000

/** Starts a server in its place; what was there before is dead. */
export const placeNode = (scene: Scene, at: number): void => {
  const { world, database } = scene
  const link = createLink(`server ${at}`, delayMsDefault)
  Object.assign(link, calm)
  link.actor.clockAheadMs = scene.nodes[at]?.link.actor.clockAheadMs ?? 0
  const fault = (message: string): void => breakPromise(scene, 'INV-13', `a fault: ${message}`)
  scene.nodes[at] = startNode({
    world,
    database,
    link,
    fault,
    said: (line) => void scene.said.push(line),
  })
}

const kill = (node: ServerNode): void => {
  node.link.actor.alive = false
  node.connected.drop()
}

/** Undoes a fault later, unless the server has been replaced meanwhile. */
const later = (scene: Scene, ms: number, undo: () => void): void => {
  scene.world.after(scene.people, ms, undo)
}

/** Clocks of servers are up to half of what they may be apart, ahead of the world's or behind. */
const clockAheadMsMax = clocksApartMsMax / 2

const calm = {
  unknownPart: 0,
  lostPart: 0,
  slowPart: slowPartDefault,
  latePart: latePartDefault,
}

type Fault = (scene: Scene, step: Step, node: ServerNode) => void

/** What can befall a server, or all of them. */
const faults: Readonly<Record<FaultKind, Fault>> = {
  crash: (scene, step, node) => {
    if (!node.link.actor.alive) return
    kill(node)
    later(scene, step.amount * 3 * secondMs, () => {
      if (scene.nodes[step.node] === node) placeNode(scene, step.node)
    })
  },
  pause: ({ world }, step, { link }) => {
    link.actor.pausedUntilMs = world.nowMs() + step.amount * 6 * secondMs
  },
  cut: (scene, step, { link }) => {
    link.isCut = true
    later(scene, step.amount * 6 * secondMs, () => {
      link.isCut = false
    })
  },
  delay: (scene, step, { link }) => {
    link.delayMsMax = 1500 * step.amount ** 3
    later(scene, step.pick * 5 * secondMs, () => {
      link.delayMsMax = delayMsDefault
    })
  },
  flaky: (scene, step, { link }) => {
    Object.assign(link, { unknownPart: 0.2, lostPart: 0.1, slowPart: 0.4, latePart: 0.08 })
    later(scene, step.amount * 8 * secondMs, () => {
      Object.assign(link, calm)
    })
  },
  clock: (_scene, step, { link }) => {
    link.actor.clockAheadMs = clockAheadMsMax * (step.amount * 2 - 1)
  },
  sleep: (scene, step) => {
    const ms = step.pick < 0.5 ? 601_000 : 3_700_000
    noteSleep(scene, ms)
    scene.world.sleepAll(ms)
  },
}

export const befall = (scene: Scene, step: Step, kind: FaultKind): void => {
  scene.world.tell(`${kind} ${step.node} by ${step.amount.toFixed(2)}`)
  faults[kind](scene, step, scene.nodes[step.node] as ServerNode)
}

/** All faults end; what is dead is started again. */
export const heal = (scene: Scene): void => {
  for (const [at, node] of scene.nodes.entries()) {
    const { link } = node
    Object.assign(link, { isCut: false, delayMsMax: delayMsDefault, ...calm })
    link.actor.pausedUntilMs = 0
    if (!link.actor.alive) placeNode(scene, at)
  }
}
