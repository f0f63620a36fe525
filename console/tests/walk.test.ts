import { expect, test } from 'vitest';
import { mostRows, rowHeight, rowsOf, settled, type View } from '../src/pages/files/scroll';
import { arrived, held, newWalk, pageAt, wantedPages, type Walk } from '../src/pages/files/walk';
import type { Entry } from '../src/s3/listing';

const page = (length: number, next: string | null) => ({ entries: Array.from({ length }, () => ({}) as Entry), next });
const height = 800;

/** A folder of so many pages of 1,000, walked to its end. */
function walked(pages: number): Walk {
  let walk = newWalk;
  for (let at = 0; at < pages; at++) walk = arrived(walk, at, page(1000, at === pages - 1 ? null : `t${at + 1}`));
  return walk;
}

test('of 1,200,000 entries each is found in its page, and a jump asks for that page alone', () => {
  const walk = walked(1200);
  expect([walk.total, walk.isWhole, walk.starts.length]).toEqual([1_200_000, true, 1200]);
  for (const index of [0, 999, 1000, 838_860, 838_861, 999_999, 1_000_000, 1_199_999]) {
    expect(pageAt(walk, index)).toBe(Math.floor(index / 1000));
    expect(walk.starts[pageAt(walk, index)]!.token).toBe(index < 1000 ? null : `t${Math.floor(index / 1000)}`);
  }
  // From the end to the beginning, and into the middle.
  const end = held({ from: 1190, to: 1193 }, wantedPages(walk, 1_199_980, 1_199_999), 4, 1200);
  expect(end).toEqual({ from: 1199, to: 1199 });
  expect(held(end, wantedPages(walk, 0, 20), 4, 1200)).toEqual({ from: 0, to: 0 });
  expect(held(end, wantedPages(walk, 600_990, 601_010), 4, 1200)).toEqual({ from: 600, to: 601 });
});

test('the space stays below what browsers can show, and every entry is reached by scrolling', () => {
  const count = 1_200_000;
  let view: View = { base: 0, top: 0 };
  let seen = 0;
  let most = 0;
  // By steps of a page of the screen, forth and back: what is in view moves by just that, wherever the window moves.
  for (const direction of [1, -1]) {
    for (let steps = 0; steps < count; steps++) {
      const rows = rowsOf(view.base, count);
      const top = Math.min(rows * rowHeight - height, Math.max(0, view.top + direction * height));
      const moved = top - view.top;
      const next = settled({ base: view.base, top }, count, height);
      const row = (one: View) => one.base + one.top / rowHeight;
      expect(row(next) - row(view)).toBe(moved / rowHeight);
      expect(next.top).toBeLessThanOrEqual(rowsOf(next.base, count) * rowHeight - height);
      most = Math.max(most, rowsOf(next.base, count) * rowHeight);
      view = next;
      if (moved === 0) break;
      seen = Math.max(seen, row(view) + height / rowHeight);
    }
    expect(view.base + view.top / rowHeight).toBe(direction > 0 ? count - height / rowHeight : 0);
  }
  expect(seen).toBe(count);
  expect(most).toBeLessThanOrEqual(8_000_000);
});

test('Home and End go to the beginning and the end of all that is known', () => {
  const count = 1_200_001;
  const end = settled({ base: 400_000, top: mostRows * rowHeight - height }, count, height);
  expect(end.base + (end.top + height) / rowHeight).toBe(count);
  expect(settled(end, count, height)).toEqual(end);
  expect(settled({ base: end.base, top: 0 }, count, height)).toEqual({ base: 0, top: 0 });
  expect(settled({ base: 0, top: mostRows * rowHeight - height }, count, height)).toEqual(end);
});

test('whoever is at the end does not follow what arrives: one page is asked for at a time', () => {
  let view: View = { base: 0, top: 0 };
  const row = (one: View) => one.base + one.top / rowHeight;
  for (let count = 1001; count < 900_000; count += 1000) {
    view = settled({ base: view.base, top: Infinity }, count, height);
    expect(row(view)).toBe(Math.max(0, count - height / rowHeight));
    const after = settled(view, count + 1000, height, false);
    expect(row(after)).toBe(row(view));
    expect(rowsOf(after.base, count + 1000)).toBeLessThanOrEqual(mostRows);
    view = after;
  }
});

test('nor where what was known filled the space to its last row', () => {
  const view = { base: 0, top: mostRows * rowHeight - height };
  const after = settled(view, mostRows + 1000, height, false);
  expect(after.base + after.top / rowHeight).toBe(mostRows - height / rowHeight);
});

test('a list that became shorter is shown at its end', () => {
  const view = settled({ base: 500_000, top: 4_000_000 }, 300_000, height, false);
  expect([view.base, view.base + (view.top + height) / rowHeight]).toEqual([100_000, 300_000]);
  expect(settled({ base: 500_000, top: 0 }, 10, height, false)).toEqual({ base: 0, top: 0 });
});

test('a page that changed has those after it found anew, and one that did not changes nothing', () => {
  const walk = walked(5);
  expect(arrived(walk, 2, page(1000, 't3'))).toBe(walk);
  expect(arrived(walk, 4, page(1000, null))).toBe(walk);
  expect(arrived(walk, 2, page(1000, 'other'))).toEqual({ starts: [...walk.starts.slice(0, 3), { token: 'other', index: 3000 }], total: 3000, isWhole: false });
  expect(arrived(walk, 2, page(999, 't3')).starts.at(-1)).toEqual({ token: 't3', index: 2999 });
  expect(arrived(walk, 2, page(7, null))).toEqual({ starts: walk.starts.slice(0, 3), total: 2007, isWhole: true });
  // The marker of the folder alone can fill a page.
  const empty = arrived(newWalk, 0, page(0, 't1'));
  expect([empty.total, pageAt(empty, 0)]).toEqual([0, 1]);
});

test('what is beside the view stays held, to a limit', () => {
  const walk = walked(20);
  let pages = { from: 0, to: 0 };
  const go = (first: number) => (pages = held(pages, wantedPages(walk, first, first + 20), 4, 20));
  expect([go(0), go(950), go(1500), go(2960), go(3500), go(4500)].map(({ from, to }) => `${from}-${to}`)).toEqual(['0-0', '0-1', '0-1', '0-3', '0-3', '1-4']);
  const same = pages;
  expect(go(4500)).toBe(same);
});
