/** The height of a row of a list, in pixels. */
export const rowHeight = 40;
/**
 * How many rows the space that is scrolled has at most. Browsers cut an element off beyond some height, Firefox from about 17.8 and Chrome from 33.5 million pixels: this is 8 million. A longer list
 * is seen through a window of so many rows, which moves with what is scrolled to.
 */
export const mostRows = 200_000;
const margin = mostRows / 10;
const step = mostRows / 2;

export interface View {
  /** The number of the row with which the space begins. */
  base: number;
  /** How far the space is scrolled, in pixels. */
  top: number;
}

/** How many rows the space has of a list of so many. */
export const rowsOf = (base: number, count: number) => Math.min(mostRows, Math.max(0, count - base));

/**
 * Where the window is after the space was scrolled or the list changed. It moves before its edge is reached, while the same rows stay in view; so the very edge is only reached by a jump, with Home,
 * End or the scroll bar, which is to the beginning or the end of the list.
 * @param isScrolled false where the list changed, and nobody scrolled: whoever is at the end of what was known does not follow what is added.
 */
export function settled({ base, top }: View, count: number, height: number, isScrolled = true): View {
  const rows = rowsOf(base, count);
  const bottom = Math.max(0, rows * rowHeight - height);
  const at = Math.min(Math.max(0, top), bottom);
  const row = at / rowHeight;
  const isMore = base + rows < count;
  if (base >= count && base > 0) return settled({ base: Math.max(0, count - mostRows), top: Infinity }, count, height);
  if (isScrolled && base > 0 && at === 0 && bottom > 0) return { base: 0, top: 0 };
  if (isScrolled && isMore && top >= bottom - 1) return { base: count - mostRows, top: mostRows * rowHeight - height };
  if (base > 0 && row < margin) {
    const by = Math.min(base, step);
    return { base: base - by, top: at + by * rowHeight };
  }
  if (isMore && row > rows - margin) return { base: base + step, top: at - step * rowHeight };
  return { base, top: at };
}
