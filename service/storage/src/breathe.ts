/** Lets whatever waits for the event loop have its turn between two slices of long work. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
