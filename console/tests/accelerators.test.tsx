import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { clearState, hitRatio, percent, sources } from '../src/app/accelerators';
import { Accelerators } from '../src/pages/Accelerators';

test('the hit ratio is of reads of objects, not of what passes through', () => {
  expect(hitRatio()).toBeNull();
  expect(hitRatio({ hits: 0, partials: 0, misses: 0 })).toBeNull();
  expect(hitRatio({ hits: 3, partials: 1, misses: 0 })).toBe(0.75);
  expect(hitRatio({ hits: 3, partials: 0, misses: 1 }, { hits: 0, partials: 1, misses: 1 })).toBe(0.5);
});

test('a part in percent is never rounded up to all', () => {
  expect([null, 0, 0.5, 0.9999, 1].map(percent)).toEqual(['–', '0.0 %', '50.0 %', '99.9 %', '100 %']);
});

test('bytes are added by their source', () => {
  expect(sources({ bytesFromCache: 1, bytesFromPeers: 2, bytesFromUpstream: 4 }, { bytesFromCache: 8, bytesFromPeers: 16, bytesFromUpstream: 32 })).toEqual({ cache: 9, peers: 18, server: 36 });
});

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
beforeAll(() => {
  window.matchMedia = ((query: string) => ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined })) as unknown as typeof window.matchMedia;
  window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} } as unknown as typeof ResizeObserver;
});
let root: Root | undefined;
afterEach(async () => act(async () => root?.unmount()));

async function page(accelerators: unknown[], tokens: unknown[], { hitBytes = [], clears = [] }: { hitBytes?: unknown[]; clears?: unknown[] } = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(['accelerators'], { accelerators, hitBytes });
  queries.setQueryData(['accelerators', 'clears'], { clears });
  queries.setQueryData(['accelerators', 'tokens'], { tokens });
  const host = document.createElement('div');
  root = createRoot(host);
  await act(async () => root!.render(<QueryClientProvider client={queries}><MantineProvider><Accelerators /></MantineProvider></QueryClientProvider>));
  return host;
}
const rowsOf = (place: Element) => [...place.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent));
const shown = async (accelerators: unknown[], tokens: unknown[]) => rowsOf(await page(accelerators, tokens));
const section = (host: Element, title: string) => [...host.querySelectorAll('section')].find((one) => one.querySelector('h2')?.textContent === title);

const node = {
  instance: 'a', name: 'gpu-1', zone: 'rack-7', version: '1.0-alpha.3+0a1b2c', address: '192.0.2.7', peer: '192.0.2.7:9003', tokenId: 't', since: '2026-01-01T00:00:00Z', lastSeen: new Date().toISOString(), hits: 9, partials: 0, misses: 1, bypasses: 5,
  bytesFromCache: 900, bytesFromPeers: 50, bytesFromUpstream: 100, bytesToPeers: 0, cacheBytes: 512, cacheCapacity: 1024, filledBytes: 0, evictedBytes: 0, damagedBlocks: 0, cacheErrors: 0, prestageQueue: 0,
};

test('what an accelerator has done is a row, and what is wrong with it is beside its name', async () => {
  const rows = await shown([node, { ...node, instance: 'b', name: 'gpu-2', peer: null, cacheErrors: 2, damagedBlocks: 1, prestageQueue: 3 }], []);
  expect(rows[0]).toEqual(['gpu-1192.0.2.7 · 1.0-alpha.3', 'rack-7', expect.stringContaining('just now') as string, '512 B of 1.0 KiB', '90.0 %', '900 B', '50 B', '100 B']);
  expect(rows[1]!.slice(0, 2)).toEqual(['gpu-2192.0.2.7 · 1.0-alpha.32 device errors1 damaged block', 'rack-7shares nothing']);
  expect(rows[1]![3]).toContain('3 objects wait to be staged');
});

test('a token says for whom it may speak', async () => {
  const token = { id: 't', name: 'gpu-1', zone: 'rack-7', tokenSuffix: 'abcd', createdAt: '2026-01-01T00:00:00Z', createdBy: 'root' };
  const rows = await shown([], [token, { ...token, id: 'u', networks: ['192.0.2.0/24', '10.0.0.1'], organizations: ['acme'], domains: ['s3.acc.test', 'x.test'] }]);
  expect(rows.map((row) => row.slice(0, 6))).toEqual([['gpu-1', 'rack-7', 'all', 'all', 'any', '…abcd'], ['gpu-1', 'rack-7', '192.0.2.0/24, 10.0.0.1', 'acme', 's3.acc.test, x.test', '…abcd']]);
});

test('a clear is done when none waits for it, and names the first that have not done it', () => {
  expect(clearState({ accelerators: 0, waiting: [] })).toBe('no accelerator is there');
  expect(clearState({ accelerators: 1, waiting: [] })).toBe('done');
  expect(clearState({ accelerators: 1200, waiting: [] })).toBe('done by all 1,200');
  expect(clearState({ accelerators: 3, waiting: ['a', 'b', 'c'] })).toBe('waiting for a, b, c');
  expect(clearState({ accelerators: 9, waiting: ['a', 'b', 'c', 'd'] })).toBe('waiting for a, b, c and 1 other');
});

test('clears are rows, the latest first, whatever of the bucket is known', async () => {
  const clear = { id: '1', createdAt: '2026-01-01T00:00:00Z', createdBy: 'arn:aws:iam::root:root', until: '2026-01-08T00:00:00Z', accelerators: 2, waiting: [] };
  const host = await page([node], [], { clears: [clear, { ...clear, id: '2', bucket: 'photos', bucketId: 7, waiting: ['gpu-1'] }, { ...clear, id: '3', bucketId: 0, name: 'gpu-2', accelerators: 0 }] });
  expect(rowsOf(section(host, 'Clears')!).map((row) => row.slice(0, 3))).toEqual([['the one with id 0', 'gpu-2', 'no accelerator is there'], ['photos', 'all', 'waiting for gpu-1'], ['all', 'all', 'done by all 2']]);
});

test('bytes from caches are shown by organization, some of them and then all', async () => {
  const host = await page([node], [], { hitBytes: [{ organization: 'acme', bytes: 2048 }, { bytes: 7 }] });
  expect(rowsOf(section(host, 'Sent from caches by organization')!)).toEqual([['acme', '2.0 KiB'], ['others', '7 B']]);
  await act(async () => root!.unmount());
  const many = await page([], [], { hitBytes: Array.from({ length: 12 }, (_, i) => ({ organization: `org-${i}`, bytes: 12 - i })) });
  const place = section(many, 'Sent from caches by organization')!;
  expect(rowsOf(place).length).toBe(10);
  await act(async () => [...place.querySelectorAll('button')].find((one) => one.textContent === 'Show all 12')!.click());
  expect(rowsOf(place).length).toBe(12);
});

test('where nothing was cleared or sent from caches, a line says so; where there are no accelerators either, there is no sum', async () => {
  const empty = await page([], []);
  expect(section(empty, 'Clears')!.textContent).toContain('None within a week.');
  expect(section(empty, 'Sent from caches by organization')).toBeUndefined();
  await act(async () => root!.unmount());
  expect(section(await page([node], []), 'Sent from caches by organization')!.textContent).toContain('Nothing yet.');
});
