const codes = /^(?:UNABLE_TO_(?:VERIFY|GET_ISSUER)|SELF_SIGNED|DEPTH_ZERO)/

/** Whether TLS failed as a certificate leads to no authority that is known here. */
export const isUnknownAuthority = (error: unknown): boolean =>
  codes.test((error as NodeJS.ErrnoException).code ?? '')
