// Writes dist/licenses.txt: the licences of the packages that the page may have parts of, which must come with it. Those are what package.json depends on, and what that does.
import { readdir, readFile, writeFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const { packages } = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8'));
const sections = [];
for (const [place, entry] of Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (!place || entry.dev || entry.optional || entry.devOptional) continue;
  const directory = new URL(`${place}/`, root);
  const names = (await readdir(directory)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, directory), 'utf8')));
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  sections.push([`${name} ${entry.version} (${entry.license ?? 'see below'})`, ...texts.map((text) => text.trim())].join('\n\n'));
}
await writeFile(new URL('dist/licenses.txt', root), `The console contains parts of these packages.\n\n${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
