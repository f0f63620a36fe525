// The console in a real browser and a real server, where people, tabs and networks change: what is replaced is what was seen, uploads stay with
// one tab and one person, one's own key gets a new secret, and a download that fails leaves the page.
//   node scripts/smoke-sessions.mjs [--url http://127.0.0.1:9001]
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessKey, secretKey, signIn } from '../dev/demo.mjs';
import { browser, check, finish, openPage, url } from './smoke-browser.mjs';

const root = await signIn(url, accessKey, secretKey);
const folder = await mkdtemp(join(tmpdir(), 'smoke-'));
const bucket = `smoke-${randomBytes(4).toString('hex')}`;
await root.s3('PUT', bucket);

async function tab() {
  const page = await openPage(/status of (4|5)\d\d|ERR_INTERNET_DISCONNECTED/);
  page.on('dialog', (dialog) => dialog.accept());
  return {
    page,
    go: (path) => page.goto(url + path),
    until: (what, timeout = 20_000) => page.waitForFunction((t) => document.body.innerText.includes(t), { timeout }, what),
    has: (what) => page.evaluate((t) => document.body.innerText.includes(t), what),
    press: (label) => page.waitForFunction((t) => {
      const found = [...document.querySelectorAll('button, [role=menuitem], [role=menuitemcheckbox]')].find((b) => (b.getAttribute('aria-label') ?? b.textContent).trim().startsWith(t) && !b.disabled);
      found?.click();
      return found !== undefined;
    }, { timeout: 10_000 }, label),
    async signIn(key, secret) {
      await page.waitForSelector('input[name=username]');
      await page.type('input[name=username]', key);
      await page.type('input[name=password]', secret);
      await page.click('button[type=submit]');
      await page.waitForFunction(() => !location.pathname.startsWith('/sign-in'), { timeout: 10_000 });
    },
    async upload(path) {
      await page.waitForSelector('[data-testid=files]');
      await (await page.$('[data-testid=files]')).uploadFile(path);
    },
    async slow(bytesPerSecond) {
      const network = await page.createCDPSession();
      await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
    },
  };
}
const stored = async (key) => (await root.s3('GET', bucket, key)).text();

const one = await tab();
await one.go(`/buckets/${bucket}`);
await one.signIn(accessKey, secretKey);

await root.s3('PUT', bucket, 'note.txt', 'first');
const note = join(folder, 'note.txt');
await writeFile(note, 'mine');
await one.upload(note);
await one.until('There is one of this name already');
await root.s3('PUT', bucket, 'note.txt', 'newer');
const looked = one.page.waitForResponse((answer) => answer.request().method() === 'HEAD' && answer.url().includes('/note.txt'));
await one.press('Replace: note.txt');
await looked;
// The panel is drawn five times a second.
await new Promise((done) => setTimeout(done, 600));
await one.until('There is one of this name already');
check((await stored('note.txt')) === 'newer', 'what is newer than what was seen is not replaced');
await one.press('Replace: note.txt');
await one.until('1 file uploaded');
check((await stored('note.txt')) === 'mine', 'what was seen is replaced');

const large = join(folder, 'large.bin');
await writeFile(large, randomBytes(40 << 20));
await one.slow(4 << 20);
await one.upload(large);
await one.page.waitForFunction(() => /\d+ MiB of 40 MiB/.test(document.body.innerText), { timeout: 30_000 });
const two = await tab();
await two.go(`/buckets/${bucket}`);
await two.page.waitForSelector('h1');
await new Promise((done) => setTimeout(done, 1500));
check(!(await two.has('Interrupted')), 'another tab does not offer what this one sends');

await two.press('Account');
await two.press('Sign out');
await two.page.waitForSelector('input[name=username]');
await one.page.bringToFront();
await one.page.waitForSelector('input[name=username]', { timeout: 10_000 });
const parts = async () => {
  const { data: link } = await root.call('POST', '/api/presign', { method: 'GET', bucket, query: { uploads: '' } });
  const id = /<UploadId>([^<]+)/.exec(await (await fetch(link.url)).text())?.[1];
  const { data: list } = await root.call('POST', '/api/presign', { method: 'GET', bucket, key: 'large.bin', query: { uploadId: id } });
  return (await (await fetch(list.url)).text()).split('<PartNumber>').length - 1;
};
const before = await parts();
const made = (await root.call('POST', '/api/organizations', { name: `guest-${randomBytes(3).toString('hex')}` })).data;
await one.signIn(made.accessKey, made.secretKey);
await one.page.waitForSelector('h1');
await new Promise((done) => setTimeout(done, 2500));
check((await parts()) === before && !(await one.has('large.bin')), 'an upload ends with the session, also by another tab, and is not the next person’s');

await one.go('/keys');
await one.until(made.accessKey);
await one.press(`Actions for ${made.accessKey}`);
await one.press('New secret');
await one.page.waitForSelector('[role=dialog] button[type=submit]');
await one.page.evaluate(() => document.querySelector('[role=dialog] button[type=submit]').click());
await one.until('This is shown once');
const shown = await one.page.evaluate(() => [...document.querySelectorAll('.secret-value')].map((value) => value.textContent));
check(shown[0] === made.accessKey && shown[1] && shown[1] !== made.secretKey, 'the new secret of one’s own key is shown');
await one.page.evaluate(() => document.querySelector('[role=dialog] input[type=checkbox]').click());
await one.press('Done');
await one.page.reload();
await one.until('THIS SESSION');
check(new URL(one.page.url()).pathname === '/keys', 'and the session goes on with it');
await signIn(url, shown[0], shown[1]);
await one.press('Account');
await one.press('Sign out');
await one.signIn(accessKey, secretKey);
await one.page.waitForSelector('h1');
await one.until('Interrupted. Pick large.bin');
check(true, 'whose upload it is, is offered it again');
await one.press('End the upload');

await one.go(`/buckets/${bucket}/object?key=note.txt`);
await one.until('Properties');
const downloads = await mkdtemp(join(tmpdir(), 'smoke-'));
const client = await browser.target().createCDPSession();
await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads });
await one.press('Download');
let files = [];
for (let i = 0; i < 50 && files.length === 0; i++) {
  await new Promise((done) => setTimeout(done, 100));
  files = (await readdir(downloads)).filter((name) => !name.endsWith('.crdownload'));
}
check(files[0] === 'note.txt' && (await readFile(join(downloads, files[0]), 'utf8')) === 'mine', 'a download arrives');
await root.s3('DELETE', bucket, 'note.txt');
await one.press('Download');
await one.until('There is nothing of this name');
check(one.page.url().includes('/object?key=note.txt'), 'a download that fails says why, and the page stays');

await root.s3('PUT', bucket, undefined, '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>', { query: { versioning: '' } });
await root.s3('PUT', bucket, 'folder/x', 'x');
await one.go(`/buckets/${bucket}`);
await one.page.waitForSelector('.row a');
await one.press('Actions for folder');
await one.press('Delete');
await one.until('Hide behind delete markers');
check(await one.page.evaluate(() => [...document.querySelectorAll('[role=dialog] button')].find((b) => b.textContent.trim() === 'Delete').disabled), 'deleting a folder of a bucket with versions asks what of them');

await finish();
