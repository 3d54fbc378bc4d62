/** What is warm is there at once. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on without a promise where there is none: waiting for each is worth microseconds. */
export const after = <A, B>(
  value: MaybePromise<A>,
  go: (value: A) => MaybePromise<B>,
): MaybePromise<B> => (value instanceof Promise ? value.then(go) : go(value))
