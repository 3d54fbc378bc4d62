/** One request to `/admin/v1` in the name of who asked, without a network. */
export type AskAdministration = (request: {
  readonly method: string
  /** Behind `/admin/v1`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}) => Promise<{ readonly status: number; readonly body: unknown }>

/** What came of a domain file, or would. */
export interface DomainFileVerdict {
  readonly verdict: 'unchanged' | 'would-change' | 'changed' | 'refused'
  readonly lines: readonly {
    readonly mark: '+' | '~' | '=' | '-'
    readonly kind: string
    readonly name: string
    readonly text: string
  }[]
  /** Minted by this change; seen this once. */
  readonly secrets: readonly {
    readonly application: string
    readonly clientId: string
    readonly clientSecret: string
  }[]
  /** Why nothing was changed: place by place, with the line and a caret. */
  readonly message: string | null
}

/** The domain as text. Given by whoever puts the program together: it is the command line's own. */
export interface DomainFiles {
  read(ask: AskAdministration, nowMs: number): Promise<string>
  apply(
    text: string,
    how: { readonly ask: AskAdministration; readonly dryRun: boolean; readonly nowMs: number },
  ): Promise<DomainFileVerdict>
}
