import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('every library has a reason and its license on the page about them', async () => {
  const page = await readFile('../docs/decisions/0020-console-libraries.md', 'utf8');
  const explained = [...page.matchAll(/^\| (\S+) \| (\S+) \|/gm)].filter(([, name]) => name !== 'Package').map(([, name, license]) => `${name} ${license}`);
  const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, Record<string, string>>;
  const used = await Promise.all(
    Object.keys({ ...dependencies, ...devDependencies }).map(async (name) => `${name} ${(JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')) as { license: string }).license}`),
  );
  expect(explained.sort()).toEqual(used.sort());
});

test('versions are exact', async () => {
  const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, Record<string, string>>;
  for (const version of Object.values({ ...dependencies, ...devDependencies })) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('what is shipped has a license that allows it', async () => {
  const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as { packages: Record<string, { dev?: boolean; license?: string }> };
  const licenses = new Set(Object.entries(lock.packages).filter(([path, one]) => path !== '' && !one.dev).map(([, one]) => one.license));
  for (const license of licenses) expect(['MIT', 'ISC', 'Unlicense', 'BSD-3-Clause', 'BSD-2-Clause', '0BSD', 'Apache-2.0', '(MIT OR CC0-1.0)']).toContain(license);
});
