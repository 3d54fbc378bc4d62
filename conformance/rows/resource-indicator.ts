import { type RowGroup, tested } from './row.ts'

export const resourceIndicator: RowGroup = {
  title: 'Resource indicators (RFC 8707)',
  rows: [
    tested('RI-01', 'RFC 8707 §2', 'M', 'resource is an absolute URI'),
    tested('RI-02', 'RFC 8707 §2', 'M', 'resource has no fragment'),
    tested('RI-03', 'RFC 8707 §2', 'S', 'a query counts as registered'),
    tested('RI-04', 'RFC 8707 §2', 'M', 'an unknown or forbidden target: invalid_target'),
    tested('RI-05', 'RFC 8707 §2', 'S', 'the token is for that target'),
    tested('RI-06', 'RFC 8707 §2', 'Y', 'several targets have one stated answer'),
    tested('RI-07', 'RFC 8707 §2.2', 'S', 'scopes are read for the target'),
    tested('RI-08', 'RFC 9068 §3', 'M', 'without a target there is a default; aud is always there'),
    tested('RI-09', 'RFC 3986 §6.2.1', 'C', 'targets are compared as registered'),
    tested('RI-10', 'RFC 8707 §2', 'M', 'a URN is a target'),
    tested('RI-11', 'Oracle', 'C', 'an audience in the scope and another in resource conflict'),
  ],
}
