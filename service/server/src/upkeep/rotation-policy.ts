import type { RotationPolicy } from '@mintmark/decisions/upkeep/decide-key-rotation'
import { keySetMaxAgeSeconds } from '../endpoints/discovery.ts'

const dayMs = 86_400_000

/** A key signs when nobody can still hold a key set without it, and stays for the longest token. */
export const rotationPolicy = (options: { readonly keyRotationMs: number }): RotationPolicy => ({
  rotateAfterMs: options.keyRotationMs,
  publishLeadMs: 2 * keySetMaxAgeSeconds * 1000,
  keepRetiredMs: 366 * dayMs,
})
