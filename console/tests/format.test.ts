import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ago, bytes, duration, parentOf, baseName, visible } from '../src/app/format';
import { parseSearch, stringifySearch } from '../src/app/search';
import { programsFor, snippet } from '../src/app/snippets';
import { niceMax } from '../src/components/Chart';
import { kindOf, parseCsv } from '../src/pages/files/kinds';

test('sizes', () => expect([0, 1023, 1024, 1536, 10 * 1024, 1024 ** 2 - 1, 5 * 1024 ** 4].map(bytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '10 KiB', '1.0 MiB', '5.0 TiB']));
test('times', () => {
  const now = Date.parse('2026-01-10T00:00:00Z');
  expect(['2026-01-09T23:59:50Z', '2026-01-09T22:00:00Z', '2026-01-03T00:00:00Z', '2026-01-12T00:00:00Z'].map((at) => ago(at, now))).toEqual(['just now', '2 hours ago', '7 days ago', 'in 2 days']);
  expect([0.2, 59, 61, 3700, 90_000].map(duration)).toEqual(['under a second', '59 s', '1 min 1 s', '1 h 1 min', '1 d 1 h']);
});
test('characters that would deceive are visible', () => {
  expect(visible('a\u202egnp.exe')).toBe('a␣202Egnp.exe');
  expect(visible('a\u0000\u200b\n')).toBe('a␣0000␣200B␣000A');
  expect(visible('Grüße 文件 a\u0301 \u{1f600}')).toBe('Grüße 文件 a\u0301 \u{1f600}');
  expect(visible('a\u{e0041}')).toBe('a␣E0041');
});
test('every character that is not seen is shown by its code', () => {
  const seen = [];
  for (let code = 0; code < 0x110000; code++) {
    const c = String.fromCodePoint(code);
    if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}]|(?! )[\p{Z}]/u.test(c)) continue;
    if (!visible(`a${c}b`).startsWith('a␣')) seen.push(code.toString(16));
  }
  expect(seen).toEqual([]);
});
test.each(['plain', '123', 'true', '{"a":1}', 'a/../b', '//', 'a+b &=?#%2F', '\u202e', 'null'])('a key %j in an address is itself again', (key) => {
  expect(parseSearch(stringifySearch({ key, prefix: undefined }))).toEqual({ key });
});
test('names of keys', () => expect(['a/b/', 'a/b', 'b', '/', 'a//'].map((key) => [parentOf(key), baseName(key)])).toEqual([['a/', 'b'], ['a/', 'b'], ['', 'b'], ['', '/'], ['a/', 'a//']]));
test('kinds: nothing that could run is shown as itself', () => {
  expect(['a.svg', 'a.html', 'a.js', 'a.png', 'a.md', 'a.bin', 'README', 'Makefile'].map((key) => kindOf(key))).toEqual(['text', 'text', 'text', 'image', 'markdown', 'other', 'other', 'text']);
  expect(['constructor', 'a.constructor', '__proto__', 'a.toString', 'valueOf'].map((key) => kindOf(key))).toEqual(Array(5).fill('other'));
  expect(kindOf('a.png', 'image/svg+xml')).toBe('text');
  expect(kindOf('a.png', 'text/html')).toBe('text');
  expect(kindOf('a.md', 'text/plain; charset=utf-8')).toBe('markdown');
  expect(kindOf('a.json', 'application/octet-stream')).toBe('json');
  expect(kindOf('a', 'application/zip')).toBe('other');
});
test('comma-separated values', () => {
  expect(parseCsv('a,b\r\n"x, ""y""\nz",2\n', false).rows).toEqual([['a', 'b'], ['x, "y"\nz', '2']]);
  expect(parseCsv('a;b\n1;2', false).rows).toEqual([['a', 'b'], ['1', '2']]);
  expect(parseCsv('a\n1\n2', true).rows).toEqual([['a'], ['1']]);
  expect(parseCsv('a\n1\n2\n', false, 2)).toEqual({ rows: [['a'], ['1']], isCut: true });
});
test('the top of a chart', () => expect([0, 0.3, 1, 7, 51, 2000].map((value) => niceMax(value))).toEqual([1, 0.5, 1, 10, 100, 2000]));
const connection = { endpoint: 'https://s3.example', region: 'r1', bucket: 'bkt', accessKey: 'AK', secretKey: 'SK' };
test('every program has a snippet with the endpoint, bucket and keys', () => {
  expect(programsFor({}).length).toBeGreaterThan(6);
  for (const [name] of programsFor({})) {
    const text = snippet(name, connection);
    for (const part of ['https://s3.example', 'bkt', 'AK', 'SK']) expect(text).toContain(part);
  }
});

test('of what is only read no program is told to write', () => {
  const all = programsFor({ isReading: true }).map(([name]) => snippet(name, { ...connection, isReading: true })).join('\n');
  expect(all).toContain('s3 cp s3://bkt/FILE .');
  expect(all).toContain('-o ro');
  expect(all).not.toMatch(/restic|cp FILE|backup/);
});

test('s3fs gets a file of its own for each bucket, which nobody else reads, and a directory to mount to', async () => {
  const home = await mkdtemp(join(tmpdir(), 'tarn-'));
  try {
    await writeFile(join(home, '.passwd-s3fs'), 'others');
    const mounted = (bucket: string) => execFileSync('sh', ['-euc', `umask 022\ns3fs() { test -d "$2" && echo "$1 $2"; }\n${snippet('s3fs', { ...connection, bucket })}`], { env: { ...process.env, HOME: home }, encoding: 'utf8' });
    expect([mounted('one'), mounted('two')]).toEqual([`one ${home}/one\n`, `two ${home}/two\n`]);
    expect(await readFile(join(home, '.passwd-s3fs'), 'utf8')).toBe('others');
    expect(await readFile(join(home, '.passwd-s3fs-two'), 'utf8')).toBe('AK:SK\n');
    expect((await stat(join(home, '.passwd-s3fs-one'))).mode & 0o777).toBe(0o600);
  } finally {
    await rm(home, { recursive: true });
  }
});
