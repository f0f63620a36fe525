// Writes src/api/schema.d.ts from openapi.json; with a URL as argument, fetches the document from a running server first.
import { readFile, writeFile } from 'node:fs/promises';
import { generate } from './schema.mjs';

const document = new URL('../openapi.json', import.meta.url);
const source = process.argv[2];
if (source) {
  const answer = await fetch(new URL('/openapi/v1.json', source));
  if (!answer.ok) throw new Error(`${source} answered ${answer.status}`);
  await writeFile(document, JSON.stringify(await answer.json(), null, 1) + '\n');
}
await writeFile(new URL('../src/api/schema.d.ts', import.meta.url), await generate(await readFile(document, 'utf8')));
