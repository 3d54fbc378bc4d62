/** Loaded before the command in tests: this machine seems to have no package `pg`. */
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier !== 'pg') return next(specifier, context)
    const fault = new Error(`Cannot find package 'pg' imported from ${context.parentURL}`)
    throw Object.assign(fault, { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
