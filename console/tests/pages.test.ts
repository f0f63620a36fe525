import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { router } from '../src/app/router';

test('dev/pages.json, which axe and the pictures go through, has a page of every route', async () => {
  const pages = JSON.parse(await readFile('dev/pages.json', 'utf8')) as { name: string; path: string }[];
  expect(new Set(pages.map((page) => page.name)).size).toBe(pages.length);
  const opened = new Set(pages.map((page) => router.getMatchedRoutes(new URL(page.path, 'http://console').pathname)[2]?.id));
  expect(Object.values(router.routesById).filter((route) => route.children === undefined && !opened.has(route.id)).map((route) => route.id)).toEqual([]);
});
