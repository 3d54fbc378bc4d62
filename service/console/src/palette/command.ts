/** Something that the palette can do: it leads to an address, or does it here. */
export interface Command {
  readonly id: string
  readonly label: string
  /** What it is, beside the label. */
  readonly kind: string
  /** Other words to find it by. */
  readonly words?: string
  /** Keys that do the same without the palette. */
  readonly keys?: string
  readonly act: { readonly href: string } | { readonly run: () => void }
  /** What else can be done with it. */
  readonly more?: readonly Command[]
}
