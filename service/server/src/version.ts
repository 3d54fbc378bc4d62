/**
 * Version of this server, in `/.well-known/idcs-configuration`, metrics and `mintmark --version`.
 */
export const version = '0.1.0'
