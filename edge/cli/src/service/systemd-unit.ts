/** What a unit of systemd says of this machine. */
export interface UnitFacts {
  /** The program of Node. */
  readonly node: string
  /** The command as this Node starts it. */
  readonly command: string
  /** The folder that holds it and what it needs. */
  readonly root: string
  readonly config: string
  readonly data: string
  readonly user: string
  /** Files and folders beside these that the configuration names. */
  readonly alsoRead: readonly string[]
  readonly workers: number
}

const usualData = '/var/lib/mintmark'

/** Spaces and percent signs mean something to systemd. */
const word = (text: string): string => {
  const escaped = text.replaceAll('%', '%%')
  return /[\s"'\\$]/.test(escaped) ? JSON.stringify(escaped).replaceAll('$', '$$$$') : escaped
}

const startOf = ({ node, command, config, workers, ...facts }: UnitFacts): string => {
  const folder = config.slice(0, config.lastIndexOf('/')) || '/'
  const isInside = (path: string) => path === folder || path.startsWith(`${folder}/`)
  const read = [facts.root, folder, facts.data, ...facts.alsoRead.filter((each) => !isInside(each))]
  const reads = [...new Set(read)].map((path) => `--allow-fs-read=${word(path)}`)
  const rights = ['--permission --allow-net', ...(workers > 1 ? ['--allow-child-process'] : [])]
  const lines = [
    `${word(node)} ${rights.join(' ')} ${reads.slice(0, 2).join(' ')}`,
    `${reads.slice(2).join(' ')} --allow-fs-write=${word(facts.data)}`,
    `${word(command)} serve --config ${word(config)}`,
  ]
  return lines.join(' \\\n    ')
}

/** A service that may do what it needs and nothing else. */
export const systemdUnit = (facts: UnitFacts): string => {
  const { data, user } = facts
  const state =
    data === usualData
      ? 'StateDirectory=mintmark\nStateDirectoryMode=0700'
      : `ReadWritePaths=${word(data)}`
  return `[Unit]
Description=Mintmark, an OAuth 2.0 authorization server
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=${user}
Environment=NODE_ENV=production
# A young generation of 24 MB instead of 96: less memory under load, for 2 or 3 % of the time.
Environment=NODE_OPTIONS=--max-semi-space-size=8
# Two places that all threads take memory from, instead of one each that keeps what it has held.
Environment=MALLOC_ARENA_MAX=2
ExecStart=${startOf(facts)}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
# A mistake in the configuration does not go away by trying again.
RestartPreventExitStatus=6
TimeoutStopSec=15

${state}
UMask=0077

${sandbox}
[Install]
WantedBy=multi-user.target
`
}

const sandbox = `NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# V8 compiles while it runs, so memory must be made executable: MemoryDenyWriteExecute stays off.
`
