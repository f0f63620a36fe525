import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { sessionQuery } from '../src/api/session';
import { FileList } from '../src/pages/files/FileList';
import type { Place } from '../src/pages/files/place';
import { mostRows, rowHeight } from '../src/pages/files/scroll';

const pageSize = 10_000;
const pages = 23;
let asked: (string | null)[] = [];
vi.mock('../src/s3/listing', async (original) => ({
  ...(await original<typeof import('../src/s3/listing')>()),
  listPage: async (_bucket: string, _folder: string, _find: string, token: string | null) => {
    asked.push(token);
    const at = Number(token ?? 0);
    return { entries: Array.from({ length: pageSize }, (_, i) => ({ kind: 'object', key: `k${at * pageSize + i}`, size: 1, modified: '2026-01-01T00:00:00Z' })), next: at + 1 < pages ? String(at + 1) : null };
  },
}));
// What makes a row slow is not what this is about.
vi.mock('@mantine/core', async (original) => ({ ...(await original<object>()), Menu: () => null, Checkbox: () => null }));
vi.mock('@tanstack/react-router', async (original) => ({ ...(await original<object>()), Link: ({ children }: { children: string }) => <a href="#k">{children}</a> }));

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
beforeAll(() => {
  window.matchMedia = ((query: string) => ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined })) as unknown as typeof window.matchMedia;
  window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} } as unknown as typeof ResizeObserver;
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 800 });
});
let root: Root;
afterEach(async () => act(async () => root.unmount()));

const place: Place = { kind: 'bucket', bucket: 'b', title: 'b', versioning: 'never', canWrite: false, disk: null };

test('a list that is longer than any element can be is walked to its end, and left by Home at once', async () => {
  const queries = new QueryClient();
  queries.setQueryData(sessionQuery.queryKey, { may: [] } as never);
  const host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
  await act(async () => root.render(
    <MantineProvider env="test"><QueryClientProvider client={queries}>
      <FileList place={place} prefix="" find="" isFlat={false} version={0} selected={new Map()} onSelect={() => undefined} onAction={() => undefined} onUpload={() => undefined} />
    </QueryClientProvider></MantineProvider>,
  ));
  await act(() => vi.waitFor(() => expect(host.querySelector('.rows')).not.toBeNull()));
  const box = host.querySelector<HTMLElement>('.rows')!;
  const space = () => parseFloat(host.querySelector<HTMLElement>('.rows-space')!.style.height);
  const scroll = async (top: number) => {
    await act(async () => {
      box.scrollTop = Math.max(0, Math.min(top, space() - 800));
      box.dispatchEvent(new Event('scroll'));
    });
    // What is asked for arrives.
    await act(async () => new Promise((resolve) => setTimeout(resolve)));
  };
  const drawn = () => [...host.querySelectorAll('.row a')].map((link) => link.textContent);
  for (let i = 0; i < 4 * pages && !drawn().includes(`k${pages * pageSize - 1}`); i++) {
    await scroll(Infinity);
    expect(space()).toBeLessThanOrEqual(mostRows * rowHeight);
    expect(drawn().length).toBeLessThan(60);
  }
  expect(drawn()).toContain(`k${pages * pageSize - 1}`);
  expect(asked).toEqual([null, ...Array.from({ length: pages - 1 }, (_, i) => String(i + 1))]);
  // What is in view lies where the box is scrolled to.
  const last = [...host.querySelectorAll<HTMLElement>('.row')].at(-1)!;
  expect(Number(/translateY\((\d+)px/.exec(last.style.transform)![1])).toBe(box.scrollTop + 800 - rowHeight);

  asked = [];
  await scroll(0);
  await act(() => vi.waitFor(() => expect(drawn()).toContain('k0')));
  expect(asked.filter((token) => token !== null)).toEqual([]);
  await scroll(150_500 * rowHeight);
  await act(() => vi.waitFor(() => expect(drawn()).toContain('k150500')));
  // Unless it is still remembered.
  expect(asked.filter((token) => token !== null && token !== '15')).toEqual([]);
}, 60_000);
