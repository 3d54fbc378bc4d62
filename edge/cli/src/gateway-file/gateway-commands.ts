import type { Command } from 'commander'

/** `mintmark gateway` and `mintmark gateway config`. */
export const addGatewayCommands = (program: Command): void => {
  const gateway = program
    .command('gateway')
    .description('check tokens before an API that cannot be changed: a proxy, or for one that asks')
    .option('-c, --config <file>', 'file of the gateway', 'gateway.yaml')
    .addHelpText(
      'after',
      '\nExamples:\n  mintmark gateway -c gateway.yaml\n' +
        '  mintmark gateway config nginx --api 127.0.0.1:3000 > mintmark-nginx.conf',
    )
    .action(async (options) => {
      const { gateway: run } = await import('../commands/gateway.ts')
      process.exitCode = await run(options)
    })

  gateway
    .command('config <proxy>')
    .description('print the files for nginx, caddy, haproxy, traefik or envoy')
    .option('--api <host:port>', 'where the API is; upstream of the file unless stated')
    .option('--port <number>', 'where the proxy listens', '8080')
    .option('--directory <path>', 'write the files there')
    .addHelpText(
      'after',
      '\nExamples:\n  mintmark gateway config nginx --api 127.0.0.1:3000 > mintmark-nginx.conf\n' +
        '  mintmark gateway config haproxy --directory haproxy/',
    )
    .action(async (proxy, options, command: Command) => {
      const { printFrontFiles } = await import('./print-front-files.ts')
      const { config } = command.optsWithGlobals() as { config: string }
      process.exitCode = printFrontFiles(proxy, { ...options, config })
    })
}
