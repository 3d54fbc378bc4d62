import { type RowGroup, tested } from './row.ts'

const profile = 'FAPI 2.0 Security Profile §5.3.2'

export const fapi: RowGroup = {
  title: 'Client credentials under the FAPI 2.0 Security Profile, as its test suite asks',
  rows: [
    tested('FA-01', profile, 'P', 'the metadata names what the profile needs'),
    tested('FA-02', profile, 'P', 'tokens are long, short-lived and bound'),
    tested('FA-03', profile, 'P', 'the scheme has no case at an API'),
    tested('FA-04', profile, 'P', 'proofs with nbf and exp are borne'),
    tested('FA-05', profile, 'P', 'a proof ten seconds old is good'),
    tested('FA-06', profile, 'P', 'a proof ten seconds ahead is good'),
    tested('FA-07', profile, 'P', "one client's name with the other's key is refused"),
    tested('FA-08', profile, 'P', 'without a proof nothing is issued'),
    tested('FA-09', profile, 'P', 'an assertion by RS256 is refused'),
    tested('FA-10', profile, 'P', 'without an assertion nobody is known'),
    tested('FA-11', profile, 'P', 'an assertion that has ended is refused'),
    tested('FA-12', profile, 'P', 'an assertion for another audience is refused'),
    tested('FA-13', profile, 'P', 'an assertion without sub is refused'),
    tested('FA-14', profile, 'P', 'what a proof must not be'),
  ],
}
