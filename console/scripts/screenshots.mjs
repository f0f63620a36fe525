// Pictures of every page in light, dark and narrow, written to screenshots/, of a server that serves this console.
//   node scripts/screenshots.mjs [--url http://127.0.0.1:9001] [--fill] [--axe] [--only NAME]
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import { accessKey, CHROMIUM, fill, reportPolicy, secretKey, signIn } from '../dev/demo.mjs';
import { pages } from '../dev/pages.mjs';

const { values } = parseArgs({ options: { url: { type: 'string', default: 'http://127.0.0.1:9001' }, fill: { type: 'boolean', default: false }, axe: { type: 'boolean', default: false }, only: { type: 'string' }, modes: { type: 'string', default: 'light,dark,narrow' } } });
if (values.fill) await fill(values.url, accessKey, secretKey);
const session = await signIn(values.url, accessKey, secretKey);
const disk = (await session.call('GET', '/api/disks')).data?.[0]?.id ?? 'dsk-0';
const job = (await session.call('GET', '/api/jobs')).data?.jobs?.[0]?.id ?? 'none';
const denied = (await session.call('GET', '/api/requests?status=403')).data?.requests?.[0]?.requestId ?? 'none';

const press = async (page, text) => {
  await page.evaluate((t) => [...document.querySelectorAll('button, a')].find((b) => b.textContent.trim() === t && !b.disabled)?.click(), text);
  await new Promise((done) => setTimeout(done, 500));
};
const shown = pages.filter(({ name }) => !values.only || new RegExp(values.only).test(name));
const ids = { disk, job, request: denied };
const modes = { light: { width: 1280, height: 860, scheme: 'light' }, dark: { width: 1280, height: 860, scheme: 'dark' }, narrow: { width: 400, height: 860, scheme: 'light' } };

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url));
const axe = values.axe ? await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8') : null;
const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'] });
let problems = 0;
for (const mode of values.modes.split(',')) {
  const { width, height, scheme } = modes[mode];
  await mkdir(`${folder}${mode}`, { recursive: true });
  const page = await browser.newPage();
  await reportPolicy(page);
  await page.evaluateOnNewDocument((proof) => window.localStorage.setItem('tarn-proof', proof), session.proof);
  if (axe) await page.setBypassCSP(true);
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }]);
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && (problems++, console.log(`  ${mode} console: ${message.text()}`)));
  page.on('pageerror', (error) => (problems++, console.log(`  ${mode} error: ${error.message}`)));
  for (const { name, path, open, outside } of shown) {
    const [cookieName, value] = session.cookie.split('=');
    if (outside) await page.deleteCookie({ name: cookieName, url: values.url });
    else await page.setCookie({ name: cookieName, value, url: values.url });
    await page.goto(values.url + path.replace(/\{(\w+)\}/g, (_, id) => ids[id]), { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('h1, [role="alert"], .empty', { timeout: 10_000 }).catch(() => console.log(`  ${mode} ${name}: nothing was shown`));
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], [aria-label="Loading"]'), { timeout: 5000 }).catch(() => console.log(`  ${mode} ${name}: still loading`));
    await new Promise((done) => setTimeout(done, 250));
    if (open) await press(page, open);
    await page.screenshot({ path: `${folder}${mode}/${name}.png` });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) { problems++; console.log(`  ${mode} ${name}: ${wide} px wider than the window`); }
    if (axe) {
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
      for (const violation of found.violations) { problems++; console.log(`  ${mode} ${name} axe: ${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(' | ')}`); }
    }
  }
  await page.close();
}
await browser.close();
console.log(`${shown.length} pages, ${problems} problems, pictures in ${folder}`);
if (problems > 0) process.exitCode = 1;
