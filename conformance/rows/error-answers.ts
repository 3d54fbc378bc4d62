import { type RowGroup, tested } from './row.ts'

export const errorAnswers: RowGroup = {
  title: 'Error answers (RFC 6749 §5.2, RFC 9110)',
  rows: [
    tested('ER-01', 'RFC 6749 §5.2', 'M', '400, and 401 only for invalid_client'),
    tested('ER-02', 'RFC 6749 §5.2', 'M', 'a refused Basic is challenged with Basic'),
    tested('ER-03', 'RFC 9110 §15.5.2', 'M', 'no 401 without a challenge'),
    tested(
      'ER-04',
      'RFC 6749 §5.2',
      'M',
      'error texts keep to their alphabet and echo nothing secret',
    ),
    tested('ER-05', 'RFC 6749 §5.2', 'M', 'every error is one uncached JSON object'),
    tested('ER-06', 'RFC 6749 §5.2', 'M', 'what counts as invalid_request'),
    tested('ER-07', 'ours', 'C', 'no page of a framework anywhere'),
    tested('ER-08', 'RFC 6749 §10.10', 'C', 'no error tells a stranger more than the code'),
  ],
}
