/** A key and a value an administrator puts on an application (issuance policy `Tags`). */
export interface Tag {
  readonly key: string
  readonly value: string
}
