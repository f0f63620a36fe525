// Archil's npm package `disk`, unmodified: its library against the control address and the S3 endpoint.

import { writeFileSync, mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import * as disk from 'disk';
import { bucket, content, endpoint, equal, fails, run, scratch, sha } from './cases.mjs';

const baseUrl = process.env.TARN_ENDPOINT;
const region = 'tarn';
const archil = new disk.Archil({ apiKey: process.env.ARCHIL_API_KEY, region, baseUrl, s3BaseUrl: endpoint });
const name = (suffix) => `${bucket}-${suffix}`;

async function attached(suffix, files) {
  const path = `${process.env.TARN_TEST_DISK_ROOT}/${name(suffix)}`;
  mkdirSync(`${path}/dir/deeper`, { recursive: true });
  for (const [key, data] of Object.entries(files)) {
    writeFileSync(`${path}/${key}`, data);
  }
  return (await archil.disks.create({ name: name(suffix), mounts: [{ type: 'local', path }] })).disk;
}

const refused = (status, text) => (error) => {
  equal(error instanceof disk.ArchilError, true, String(error));
  equal(error.status, status, error.message);
  equal(error.message.includes(text), true, error.message);
};

await run({
  async disks() {
    const made = [];
    for (let i = 0; i < 3; i++) {
      const { disk: one, token, authorizedUsers } = await archil.disks.create({ name: name(`d${i}`) });
      equal([token, authorizedUsers], [null, []]);
      equal([one.name, one.status, one.organization], [name(`d${i}`), 'available', 'root']);
      made.push(one.id);
    }
    equal((await archil.disks.create({ name: name('d0') })).disk.id, made[0], 'the same once more');
    await fails(archil.disks.create({ name: name('d0'), allowedIps: ['10.0.0.1'] }), refused(409, 'another disk'));
    const seen = [];
    let cursor;
    for (;;) {
      const page = await archil.disks.list({ limit: 2, cursor });
      if (page.length === 0) break;
      equal(page.length <= 2, true);
      seen.push(...page.map((one) => one.id));
      cursor = page.at(-1).id;
    }
    equal(made.every((id) => seen.includes(id)), true);
    equal(new Set(seen).size, seen.length);
    equal((await archil.disks.list({ name: name('d1') })).map((one) => one.id), [made[1]]);
    for (const id of made) {
      await (await archil.disks.get(id)).delete();
      await fails(archil.disks.get(id), refused(404, 'no such disk'));
    }
  },

  async users_and_addresses() {
    const one = await attached('u', { f: 'x' });
    const user = await one.addUser({ type: 's3', nickname: 'ci' });
    equal(typeof user.secretAccessKey, 'string');
    const shown = await archil.disks.get(one.id);
    equal(shown.authorizedUsers.map((u) => [u.type, u.nickname, u.identifier, u.secretAccessKey]), [['s3', 'ci', user.accessKeyId, undefined]]);
    await one.removeUser('s3', user.identifier);
    equal((await archil.disks.get(one.id)).authorizedUsers, []);
    await fails(one.createToken('t'), refused(501, 'not implemented'));
    await fails(one.removeTokenUser('t'), refused(404, 'no such user'));
    equal(await one.getAllowedIPs(), []);
    equal(await one.setAllowedIPs(['203.0.113.0/24', '198.51.100.42']), ['203.0.113.0/24', '198.51.100.42']);
    equal((await one.addAllowedIP('192.0.2.1')).length, 3);
    equal((await one.addAllowedIP('192.0.2.1')).length, 3);
    await fails(one.getObject('f'), (error) => equal([error.status, error.code], [403, 'AccessDenied']));
    equal(await one.removeAllowedIP('198.51.100.42'), ['203.0.113.0/24', '192.0.2.1']);
    equal(await one.setAllowedIPs([]), []);
    equal(new TextDecoder().decode(await one.getObject('f')), 'x');
    await fails(one.setAllowedIPs(['nonsense']), refused(400, 'nonsense'));
  },

  async objects() {
    const large = content(3_000_000, 4);
    const files = { 'a.txt': 'a', 'dir/b c+é.txt': 'b', 'dir/deeper/large.bin': large, 'dir.txt': 'd' };
    const one = await attached('o', files);
    for (const [key, data] of Object.entries(files)) {
      equal(sha(Buffer.from(await one.getObject(key))), sha(Buffer.from(data)), key);
      equal((await one.headObject(key)).size, Buffer.byteLength(data));
    }
    equal((await one.headObject('a.txt')).contentType, 'text/plain');
    equal(await one.objectExists('nothing'), false);
    await fails(one.getObject('nothing'), (error) => equal([error.status, error.code], [404, 'NoSuchKey']));
    const level = await one.listObjects();
    equal([level.objects.map((o) => o.key), level.commonPrefixes], [['a.txt', 'dir.txt'], ['dir/']]);
    equal((await one.listObjects('dir/', { recursive: true })).objects.map((o) => o.key), ['dir/b c+é.txt', 'dir/deeper/large.bin']);
    equal((await one.listObjects(undefined, { recursive: true, limit: 2 })).objects.length, 2);
    await fails(one.putObject('new', 'x'), (error) => equal(error.code, 'MethodNotAllowed'));
    await fails(one.deleteObject('a.txt'), (error) => equal(error.code, 'MethodNotAllowed'));
  },

  async share() {
    const data = content(500_000, 5);
    const one = await attached('s', { 'dir/é x.bin': data, 'page.html': '<script>' });
    const { url, expiresIn } = await one.share('dir/é x.bin');
    equal(expiresIn, 86400);
    const answer = await fetch(url);
    equal(createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex'), sha(data));
    const part = await fetch(url, { headers: { Range: 'bytes=10-19' } });
    equal([part.status, Buffer.from(await part.arrayBuffer())], [206, data.subarray(10, 20)]);
    equal((await one.share('page.html', { expiresIn: 604800 })).expiresIn, 604800);
    equal((await fetch((await one.share('page.html')).url)).headers.get('content-disposition').startsWith('attachment'), true);
    for (const [key, expires, status] of [['../../etc/passwd', 60, 400], ['/etc/passwd', 60, 400], ['nothing', 60, 404], ['page.html', 0, 400], ['page.html', 604801, 400]]) {
      await fails(one.share(key, { expiresIn: expires }), refused(status, ''));
    }
    await one.delete();
    equal((await fetch(url)).status, 410);
  },

  async tokens() {
    const made = await archil.tokens.create({ name: name('t'), description: 'of a test' });
    equal(made.token.startsWith('key-'), true);
    const own = new disk.Archil({ apiKey: made.token, region, baseUrl, s3BaseUrl: endpoint });
    equal(Array.isArray(await own.disks.list({ limit: 1 })), true);
    equal((await archil.tokens.list()).find((token) => token.id === made.id).name, name('t'));
    await archil.tokens.delete(made.id);
    await fails(own.disks.list(), refused(401, 'token'));
    const one = (await archil.disks.create({ name: name('td') })).disk;
    const stale = new disk.Archil({ apiKey: made.token, region, baseUrl, s3BaseUrl: endpoint });
    await fails(stale.disks.get(one.id), refused(401, 'token'));
  },

  async not_implemented() {
    const one = (await archil.disks.create({ name: name('n') })).disk;
    await fails(one.exec('ls'), refused(501, 'exec'));
    await fails(one.grep({ directory: '', pattern: 'x' }), refused(501, 'grep'));
    await fails(archil.exec({ disks: { a: one }, command: 'ls' }), refused(501, 'exec'));
    await fails(archil.disks.create({ name: name('m'), mounts: [{ type: 's3', bucketName: 'b' }] }), refused(501, 's3'));
    await fails(archil.disks.create({ name: name('m'), mounts: [{ type: 'local', path: '/etc' }] }), refused(400, 'disk-root'));
    await fails(archil.disks.create({ name: name('m'), mounts: [{ type: 'local', path: scratch }] }), refused(400, 'disk-root'));
  },
});
