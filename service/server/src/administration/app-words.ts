/** The words that an App is described in, for whoever checks them before they are sent. */

export { allowanceAttribute } from '@mintmark/decisions/administration/check-token-allowance'
export {
  grantTypesKnown,
  operationsKnown,
} from '@mintmark/decisions/administration/decide-client-facet'
export { clientAuthenticationMethods } from '@mintmark/registry/application'
export { budgetModes } from '@mintmark/registry/token-allowance'
