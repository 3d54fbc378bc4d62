/** UTF-16 has U+10000 and above before U+E000; databases, and this, go by code points. */
const codeUnitRank = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800

/** Order of texts by code points: negative, 0 or positive. */
export const compareTexts = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = codeUnitRank(left.charCodeAt(at)) - codeUnitRank(right.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

export type OrderOperator = 'gt' | 'ge' | 'lt' | 'le'

/** @param order of a value and the one it is compared with: negative, 0 or positive */
export const isInOrder = (operator: OrderOperator, order: number): boolean => {
  switch (operator) {
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
  }
}
