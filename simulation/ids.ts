import { newId } from '@mintmark/server/signing/random-ids'
import { fillCount } from './virtual-globals.ts'
import { createActor, type World } from './world.ts'

const idsAtOnceMax = 1000

/** Uses up what is left of an older world's random bytes, so that ids begin with this one's. */
export const drainIds = async (world: World): Promise<void> => {
  world.after(createActor('ids'), 0, () => {
    const before = fillCount()
    for (let at = 0; at < idsAtOnceMax && fillCount() === before; at += 1) newId()
  })
  await world.run(world.nowMs())
}
