import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { hitRatio, percent, sources } from '../src/app/accelerators';
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

async function shown(accelerators: unknown[], tokens: unknown[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(['accelerators'], { accelerators });
  queries.setQueryData(['accelerators', 'tokens'], { tokens });
  const host = document.createElement('div');
  root = createRoot(host);
  await act(async () => root!.render(<QueryClientProvider client={queries}><MantineProvider><Accelerators /></MantineProvider></QueryClientProvider>));
  return [...host.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent));
}

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
  const rows = await shown([], [token, { ...token, id: 'u', networks: ['192.0.2.0/24', '10.0.0.1'], organizations: ['acme'] }]);
  expect(rows.map((row) => row.slice(0, 5))).toEqual([['gpu-1', 'rack-7', 'all', 'all', '…abcd'], ['gpu-1', 'rack-7', '192.0.2.0/24, 10.0.0.1', 'acme', '…abcd']]);
});
