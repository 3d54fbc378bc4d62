import { type RowGroup, tested } from './row.ts'

const profile = 'FAPI 2.0 Security Profile §5.3.2'

export const fapi: RowGroup = {
  title: 'Client credentials under the FAPI 2.0 Security Profile, as its test suite asks',
  rows: [
    tested('FA-04', profile, 'P', 'proofs with nbf and exp are borne'),
    tested('FA-05', profile, 'P', 'a proof ten seconds old is good'),
    tested('FA-06', profile, 'P', 'a proof ten seconds ahead is good'),
    tested('FA-14', profile, 'P', 'what a proof must not be'),
  ],
}
