/** The words that an App is described in, for whoever checks them before they are sent. */
export {
  grantTypesKnown,
  operationsKnown,
} from '@mintmark/decisions/administration/decide-client-facet'
export { clientAuthenticationMethods } from '@mintmark/registry/application'
