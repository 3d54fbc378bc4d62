/** The schema that this program reads and writes: the number of its last step. */
export const schemaNumber = 21

/** The last step that does not keep the short rows of clients; see `Migration.keepsViews`. */
export const clientViewNumber = 20
