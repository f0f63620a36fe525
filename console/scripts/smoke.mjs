// The console in a real browser and a real server: signing in, an upload that is paused, reloaded and resumed, hostile names and contents on
// each page. Fails on an error of the page, a dialog, or a report of the content security policy.
//   node scripts/smoke.mjs [--url http://127.0.0.1:9001]
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessKey, secretKey, signIn } from '../dev/demo.mjs';
import { check, finish, openPage, problems, url } from './smoke-browser.mjs';

const api = await signIn(url, accessKey, secretKey);

const page = await openPage(/status of (4|5)\d\d/);
page.on('dialog', (dialog) => (problems.push(`dialog: ${dialog.message()}`), dialog.type() === 'beforeunload' ? dialog.accept() : dialog.dismiss()));
const text = () => page.evaluate(() => document.body.innerText);
const until = (what, timeout = 30_000) => page.waitForFunction((t) => document.body.innerText.includes(t), { timeout }, what);
const press = (label) => page.evaluate((t) => [...document.querySelectorAll('button')].find((b) => (b.getAttribute('aria-label') ?? b.textContent).trim().startsWith(t)).click(), label);

await page.goto(`${url}/buckets/smoke?prefix=a/`);
await page.waitForSelector('input[name=username]');
await page.type('input[name=username]', accessKey);
await page.type('input[name=password]', secretKey + 'x');
await page.click('button[type=submit]');
await until('did not work');
check(true, 'wrong credentials are refused');
await page.focus('input[name=password]');
await page.keyboard.press('End');
await page.keyboard.press('Backspace');
await page.click('button[type=submit]');
await api.s3('PUT', 'smoke');
await page.waitForFunction(() => location.pathname === '/buckets/smoke', { timeout: 10_000 });
check(page.url().includes('prefix=a/'), 'signing in leads to where one wanted to go');

const file = join(await mkdtemp(join(tmpdir(), 'smoke-')), 'large.bin');
const bytes = randomBytes(60 << 20);
await writeFile(file, bytes);
await api.s3('DELETE', 'smoke', 'a/large.bin');
await page.goto(`${url}/buckets/smoke?prefix=a/`);
await page.waitForSelector('[data-testid=files]');
const network = await page.createCDPSession();
await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 12 << 20 });
await (await page.$('[data-testid=files]')).uploadFile(file);
await page.waitForFunction(() => /(3[5-9]|4\d) MiB of 60 MiB/.test(document.body.innerText), { timeout: 60_000 });
await press('Pause: large.bin');
await until('Paused at');
check(true, 'an upload is paused');
await page.reload();
await until('Interrupted. Pick large.bin');
check(true, 'after a reload it is offered');
await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
let puts = 0;
page.on('request', (request) => request.method() === 'PUT' && puts++);
await (await page.$('.panel input[type=file]')).uploadFile(file);
await until('1 file uploaded', 60_000);
check(puts > 0 && puts < 8, `only missing parts were sent (${puts} of 8)`);
const stored = Buffer.from(await (await api.s3('GET', 'smoke', 'a/large.bin')).arrayBuffer());
check(createHash('sha256').update(stored).digest('hex') === createHash('sha256').update(bytes).digest('hex'), 'the object is the file');
await until('large.bin');

const { data: disk } = await api.call('POST', '/api/disks', { name: 'smoke' });
await api.call('PUT', `/api/disks/${disk.diskId}/writing`, { writing: true });
await page.goto(`${url}/disks/${disk.diskId}?prefix=new/folder/`);
await page.waitForSelector('[data-testid=files]');
await (await page.$('[data-testid=files]')).uploadFile(file);
await page.waitForFunction(() => /1 file uploaded|need you/.test(document.body.innerText), { timeout: 60_000 });
const onDisk = Buffer.from(await (await api.s3('GET', disk.diskId, 'new/folder/large.bin')).arrayBuffer());
check(onDisk.equals(bytes), 'a file is uploaded to a folder of a disk that did not exist');
await (await page.$('[data-testid=files]')).uploadFile(file);
await until('There is one of this name already');
await press('Replace: large.bin');
await until('2 files uploaded');
check(true, 'what is there is replaced when that is said');
await api.call('DELETE', `/api/disks/${disk.diskId}`);

await page.keyboard.down('Control');
await page.keyboard.press('k');
await page.keyboard.up('Control');
await page.waitForSelector('input[aria-label="Go to"]');
await page.type('input[aria-label="Go to"]', 'smoke/a/');
await until('Open this folder');
await page.keyboard.press('ArrowDown');
await page.keyboard.press('Enter');
await page.waitForFunction(() => location.pathname === '/buckets/smoke' && location.search.includes('prefix=a'), { timeout: 5000 });
check(true, 'the palette leads into a bucket');

const hostile = ['<img src=x onerror=alert(1)>.txt', '"><script>alert(2)</script>', 'javascript:alert(3)', 'a/../../b', './c', '//d', '\u202egnp.exe', '%2e%2e%2f', 'e+f &=?#.txt', "'; alert(4); '", '{{7*7}}', 'ü\u0301\u200b.md', 'k\u0001.txt', 'g.svg', 'h.html', 'i.md', 'j.csv'];
const content = '<script>alert(5)</script><svg onload=alert(6)><a href="javascript:alert(7)">x</a>\n[m](javascript:alert(8)) ![r](https://evil.invalid/r.png)\n=cmd()|a,b\n';
for (const [index, key] of hostile.entries())
  await api.s3('PUT', 'smoke', key, content, { headers: { 'content-type': index % 2 ? 'text/html' : 'application/octet-stream', 'x-amz-meta-x': '<script>alert(9)</script>', 'x-amz-tagging': 'k=v' } });
for (const path of ['/buckets/smoke', '/buckets/smoke?flat=1', '/buckets/smoke?prefix=' + encodeURIComponent('<img'), '/activity/requests', '/buckets/smoke/settings/uploads', ...hostile.map((key) => `/buckets/smoke/object?key=${encodeURIComponent(key)}`)]) {
  await page.goto(url + path);
  await page.waitForSelector('h1');
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], [aria-label="Loading"]'), { timeout: 8000 }).catch(() => problems.push(`still loading: ${path}`));
  if (path.includes('object?key=')) {
    const shown = await text();
    if (!shown.includes('Properties')) problems.push(`not shown: ${path}: ${shown.slice(0, 300)}`);
    if (await page.evaluate(() => document.querySelector('main script, main svg[onload], main a[href^="javascript"], main img[src*="evil"]'))) problems.push(`markup: ${path}`);
  }
}
check(true, `${hostile.length} hostile keys were opened`);
await page.goto(`${url}/buckets/smoke?flat=1`);
await page.waitForSelector('.row a');
await page.click('input[aria-label="Select everything that is loaded"]');
await press('Delete');
await until('Delete 18 entries?');
await page.evaluate(() => [...document.querySelectorAll('[role=dialog] button')].find((b) => b.textContent.trim() === 'Delete').click());
await until('This bucket is empty');
const listed = await (await api.s3('GET', 'smoke', undefined, undefined, { query: { 'list-type': '2' } })).text();
check(listed.includes('<KeyCount>0</KeyCount>'), 'all of them are deleted, the one that XML cannot name too');

await finish();
