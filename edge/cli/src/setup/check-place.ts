import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from '../session/command-fault.ts'
import type { Answers } from './answers.ts'

const refuse = (message: string) => new CommandFault(exitCodes.invalidInput, message)

const whyNot: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it. Stop that program, or choose another',
  EACCES: 'this user may not open it. Ports below 1024 need the right to: choose another',
  EADDRNOTAVAIL: 'this machine has no such address. Choose another',
}

/** Opens a door and closes it again. @throws CommandFault (exit 6) when it cannot be opened */
const tryDoor = (address: string, flag: string): Promise<void> =>
  new Promise((fulfil, reject) => {
    const at = address.lastIndexOf(':')
    const host = at < 0 ? '127.0.0.1' : address.slice(0, at).replace(/^\[|\]$/g, '') || '127.0.0.1'
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = whyNot[error.code ?? ''] ?? `${error.message}. Choose another`
      reject(refuse(`Nothing was written. ${address} cannot be used: ${why} with ${flag}.`))
    })
    probe.listen({ host, port: Number(address.slice(at + 1)), exclusive: true }, () =>
      probe.close(() => fulfil()),
    )
  })

/** A folder that this user can write. @throws CommandFault (exit 6) */
export const makeFolder = (path: string, mode: number): void => {
  try {
    mkdirSync(path, { recursive: true, mode })
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    const why = (error as Error).message
    throw refuse(`${path} cannot be written: ${why}. Choose another, or give this user the right.`)
  }
}

/** The port of each door is free. */
export const checkDoors = async ({ listen, tlsListen }: Answers): Promise<readonly string[]> => {
  await tryDoor(listen, '--listen')
  if (tlsListen !== null) await tryDoor(tlsListen, '--tls-listen')
  const ports = [listen, tlsListen].flatMap((door) => door?.split(':').at(-1) ?? [])
  return ports.map((port) => `port ${port} is free`)
}

const askMs = 2000

/**
 * How far the clock is from that of whatever answers at a URL, in milliseconds; a second of
 * rounding is in it (RFC 9110 §6.6.1). null: nothing answered, or it told no time.
 */
export const clockOffset = async (url: string, nowMs: () => number): Promise<number | null> => {
  try {
    const before = nowMs()
    const signal = AbortSignal.timeout(askMs)
    const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
    const middle = (before + nowMs()) / 2
    const date = Date.parse(answer.headers.get('date') ?? '')
    return Number.isNaN(date) ? null : Math.round(middle - (date + 500))
  } catch {
    return null
  }
}

/** So far two clocks may differ before tokens are refused as not yet valid. */
export const clockOffsetMaxMs = 5000

/** What the clock is worth, in words. */
export const checkClock = async (issuer: string): Promise<string> => {
  const offset = await clockOffset(issuer, Date.now)
  if (offset === null) return 'clock not compared: nothing answers at the issuer yet'
  if (Math.abs(offset) <= clockOffsetMaxMs) return `clock offset ${(offset / 1000).toFixed(1)} s`
  const way = offset > 0 ? 'ahead of' : 'behind'
  const seconds = Math.round(Math.abs(offset) / 1000)
  throw refuse(
    `Nothing was written. The clock is ${seconds} s ${way} that of ${issuer}: tokens would be ` +
      'refused as expired or not yet valid. Set it with NTP: timedatectl set-ntp true',
  )
}
