/** The schema that this program reads and writes: the number of its last step. */
export const schemaNumber = 21
