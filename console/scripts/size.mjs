// Measures what a first visit loads of scripts, compressed, and fails above the limit. Lists the largest chunks that later places load.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const limit = 300 * 1024;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('manifest.json', dist), 'utf8'));
const size = async (file) => gzipSync(await readFile(new URL(file, dist)), { level: 6 }).length;

/** A chunk and everything that it imports statically. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const next of manifest[name].imports ?? []) closure(next, found);
  return found;
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
/** What the page loads after signing in: the entry, the shell and the list of buckets. */
const first = closure(entry);
for (const name of ['src/app/Shell.tsx', 'src/pages/Buckets.tsx']) if (manifest[name]) closure(name, first);
let total = 0;
for (const name of first) total += await size(manifest[name].file);
const later = await Promise.all(Object.keys(manifest).filter((name) => !first.has(name) && manifest[name].file.endsWith('.js')).map(async (name) => [await size(manifest[name].file), name]));
for (const [bytes, name] of later.sort((a, b) => b[0] - a[0]).slice(0, 8)) console.log(`  ${kib(bytes)}  ${name}`);
console.log(`first load: ${kib(total)} of script, of ${kib(limit)} at most`);
if (total > limit) process.exit(1);
