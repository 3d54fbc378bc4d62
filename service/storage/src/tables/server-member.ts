import type { Statements } from '../database.ts'

/** How a server stands among those that share the database. */
export interface Standing {
  /** Number of the last change that was committed. */
  readonly head: number
  /** Up to which change this server has said that it acts on; null: it is not counted on. */
  readonly heard: number | null
  /** Whether it is the one that has been here longest. */
  readonly isEldest: boolean
}

/** Makes a server one whose word changes wait for. Must run inside a transaction. */
export const joinServers = async (
  statements: Statements,
  domainId: string,
  serverId: string,
  heard: { readonly number: number; readonly nowMs: number },
): Promise<void> => {
  await statements.run(
    `INSERT INTO server_member (domain_id, server_id, heard_number, joined_at_ms)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (domain_id, server_id) DO UPDATE SET heard_number = excluded.heard_number`,
    [domainId, serverId, heard.number, heard.nowMs],
  )
}

/** One statement, so that what was heard is of the moment of the head. */
export const findStanding = async (
  statements: Statements,
  domainId: string,
  serverId: string,
): Promise<Standing> => {
  const rows = await statements.all(
    `SELECT coalesce((SELECT last_number FROM change_head WHERE domain_id = $1), 0) AS head,
       (SELECT heard_number FROM server_member WHERE domain_id = $1 AND server_id = $2) AS heard,
       (SELECT server_id FROM server_member WHERE domain_id = $1
        ORDER BY joined_at_ms, server_id LIMIT 1) AS eldest`,
    [domainId, serverId],
  )
  const row = rows[0]
  return {
    head: Number(row?.['head']),
    heard: row?.['heard'] === null ? null : Number(row?.['heard']),
    isEldest: row?.['eldest'] === serverId,
  }
}

/** The servers that share the database, the longest there first; `behind`: changes unheard of. */
export const listServers = async (
  statements: Pick<Statements, 'all'>,
  domainId: string,
): Promise<readonly { readonly joinedAtMs: number; readonly behind: number }[]> => {
  const rows = await statements.all(
    `SELECT joined_at_ms, coalesce((SELECT last_number FROM change_head WHERE domain_id = $1), 0)
       - heard_number AS behind
     FROM server_member WHERE domain_id = $1 ORDER BY joined_at_ms, server_id LIMIT 100`,
    [domainId],
  )
  return rows.map((row) => ({
    joinedAtMs: Number(row['joined_at_ms']),
    behind: Math.max(0, Number(row['behind'])),
  }))
}

/** Says that a server acts on every change up to a number. */
export const noteHeard = async (
  statements: Statements,
  domainId: string,
  serverId: string,
  number: number,
): Promise<void> => {
  await statements.run(
    `UPDATE server_member SET heard_number = $3
     WHERE domain_id = $1 AND server_id = $2 AND heard_number < $3`,
    [domainId, serverId, number],
  )
}

/** Whether all servers but this one have said that they act on a change. */
export const haveAllHeard = async (
  statements: Statements,
  domainId: string,
  serverId: string,
  number: number,
): Promise<boolean> => {
  const rows = await statements.all(
    `SELECT server_id FROM server_member
     WHERE domain_id = $1 AND server_id <> $2 AND heard_number < $3 LIMIT 1`,
    [domainId, serverId, number],
  )
  return rows.length === 0
}

/** Counts no longer on other servers that have not heard of a change: they must join again. */
export const dropUnaware = async (
  statements: Statements,
  domainId: string,
  serverId: string,
  number: number,
): Promise<void> => {
  await statements.run(
    'DELETE FROM server_member WHERE domain_id = $1 AND server_id <> $2 AND heard_number < $3',
    [domainId, serverId, number],
  )
}

export const leaveServers = async (
  statements: Statements,
  domainId: string,
  serverId: string,
): Promise<void> => {
  await statements.run('DELETE FROM server_member WHERE domain_id = $1 AND server_id = $2', [
    domainId,
    serverId,
  ])
}
