import type { Page } from '../../s3/listing';

/** Where a page of a listing begins: its token, and how many entries are before it. */
interface Start {
  token: string | null;
  index: number;
}

/**
 * What is known of a folder as far as it has been walked through: where each page begins. A page that is not held any more is read again by its token, whichever it is, without those between.
 */
export interface Walk {
  readonly starts: readonly Start[];
  /** The entries before the page that was not read yet; when all were read, all entries. */
  readonly total: number;
  readonly isWhole: boolean;
}

export const newWalk: Walk = { starts: [{ token: null, index: 0 }], total: 0, isWhole: false };

/** A walk with what a page says about where the next one begins. If that is not what was known, the pages after it are found anew: something was added or removed in this one. */
export function arrived(walk: Walk, at: number, page: Page): Walk {
  const end = walk.starts[at]!.index + page.entries.length;
  const next = walk.starts[at + 1];
  if (page.next === null) return walk.isWhole && !next && walk.total === end ? walk : { starts: walk.starts.slice(0, at + 1), total: end, isWhole: true };
  if (next?.token === page.next && next.index === end) return walk;
  return { starts: [...walk.starts.slice(0, at + 1), { token: page.next, index: end }], total: end, isWhole: false };
}

/** The page in which the entry of a number is, or would be. */
export function pageAt(walk: Walk, index: number): number {
  let low = 0;
  let high = walk.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (walk.starts[middle]!.index <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Pages from one to another, both included. */
export interface Pages {
  from: number;
  to: number;
}

const beforeView = 20;
const afterView = 50;

/** The pages of the rows in view and of some around them. */
export const wantedPages = (walk: Walk, first: number, last: number): Pages => ({ from: pageAt(walk, Math.max(0, first - beforeView)), to: pageAt(walk, last + afterView) });

/** The pages to hold: those that are wanted, and of those that were held before the ones beside them, but not more than `most` in all. */
export function held(before: Pages, wanted: Pages, most: number, known: number): Pages {
  let { from, to } = wanted;
  const room = () => to - from + 1 < most;
  while (room() && from > 0 && from - 1 >= before.from && from - 1 <= before.to) from--;
  while (room() && to + 1 < known && to + 1 >= before.from && to + 1 <= before.to) to++;
  return from === before.from && to === before.to ? before : { from, to };
}
