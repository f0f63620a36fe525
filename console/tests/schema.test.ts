import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
// @ts-expect-error A script without types.
import { generate } from '../scripts/schema.mjs';

test('the types are those of openapi.json: run npm run generate', async () => {
  const types = await readFile('src/api/schema.d.ts', 'utf8');
  expect(types === (await generate(await readFile('openapi.json', 'utf8')))).toBe(true);
}, 60_000);
