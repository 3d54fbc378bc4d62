import { type RowGroup, tested } from './row.ts'

export const everyDoor: RowGroup = {
  title: 'HTTP at every door (RFC 9110)',
  rows: [
    tested('HD-01', 'RFC 9110 §15.5.6', 'M', 'a path that is there names its methods to others'),
    tested('HD-02', 'RFC 9110 §9.3.8', 'C', 'TRACE echoes nothing anywhere'),
    tested('HD-03', 'RFC 9110 §8.3.2', 'C', 'a body in another charset is refused, not misread'),
    tested('HD-04', 'RFC 9110 §15.5.16', 'S', 'a coded body is refused, and told what is read'),
  ],
}
