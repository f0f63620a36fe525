import { readdir, readFile } from 'node:fs/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { joined, ownKeyQuery, readAll, readDisks, rolesQuery, type Asked } from '../src/api/lists';

afterEach(() => vi.unstubAllGlobals());

test('all of a list is read, by the cursor of each part', async () => {
  const asked: object[] = [];
  const parts: Record<string, { users: number[]; damaged: string[]; nextCursor?: string | null }> = { '': { users: [1, 2], damaged: ['x'], nextCursor: 'b' }, b: { users: [], damaged: [], nextCursor: 'c' }, c: { users: [3], damaged: ['y'] } };
  const all = await readAll(async (query: Asked) => (asked.push(query), parts[query.cursor ?? '']!), 'users', 'damaged');
  expect(asked).toEqual([{ limit: 1000 }, { limit: 1000, cursor: 'b' }, { limit: 1000, cursor: 'c' }]);
  expect([all.users, all.damaged]).toEqual([[1, 2, 3], ['x', 'y']]);
});

test('what is not of the items is that of the last part', () => expect(joined([{ keys: [1], nextCursor: 'a' }, { keys: [2], nextCursor: null }], 'keys')).toEqual({ keys: [1, 2], nextCursor: null }));

test('disks go on after the last of a full part', async () => {
  const asked: (string | null)[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const { searchParams } = new URL(request.url);
    asked.push(searchParams.get('cursor'));
    const length = searchParams.get('cursor') === null ? 1000 : 3;
    return new Response(JSON.stringify({ success: true, data: Array.from({ length }, (_, i) => ({ id: `d${i}` })) }), { headers: { 'content-type': 'application/json' } });
  });
  expect((await readAll(readDisks, 'disks')).disks).toHaveLength(1003);
  expect(asked).toEqual([null, 'd999']);
});

test('all roles of an organization are there to choose from', async () => {
  vi.stubGlobal('fetch', async (request: Request) => {
    const cursor = new URL(request.url).searchParams.get('cursor');
    return new Response(JSON.stringify({ success: true, data: { roles: [{ name: cursor ?? 'a' }], nextCursor: cursor === null ? 'b' : null } }), { headers: { 'content-type': 'application/json' } });
  });
  expect((await rolesQuery('o').queryFn()).roles.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('no list of which the server gives a part at a time is asked for without saying which part', async () => {
  const { paths } = JSON.parse(await readFile('openapi.json', 'utf8')) as { paths: Record<string, { get?: { parameters?: { name: string }[] } }> };
  const paged = new Set(Object.entries(paths).filter(([, { get }]) => get?.parameters?.some(({ name }) => name === 'cursor')).map(([path]) => path));
  const asked: [string, string][] = [];
  for (const file of (await readdir('src', { recursive: true })).filter((name) => /\.tsx?$/.test(name)))
    for (const [, path, options] of (await readFile(`src/${file}`, 'utf8')).matchAll(/api\.GET\('([^']+)', (.*)/g)) if (paged.has(path!)) asked.push([path!, options!]);
  expect(asked.length).toBeGreaterThan(8);
  // As it was asked for, or the first so many.
  expect(asked.filter(([, options]) => !/\bquery }|\.\.\.(query|page)\b|\blimit:/.test(options)).map(([path]) => path)).toEqual([]);
});

test('a key of the configuration is among no keys, and has no policy', async () => {
  let status = 200;
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(status === 200 ? { success: true, data: { accessKey: 'k', policy: {} } } : { success: false, error: 'no' }), { status, headers: { 'content-type': 'application/json' } }));
  expect(await ownKeyQuery(null).queryFn()).toBeNull();
  expect(await ownKeyQuery('k').queryFn()).toMatchObject({ policy: {} });
  status = 404;
  expect(await ownKeyQuery('k').queryFn()).toBeNull();
  status = 503;
  await expect(ownKeyQuery('k').queryFn()).rejects.toMatchObject({ status: 503 });
});
