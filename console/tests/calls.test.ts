import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { api, done, onSignedOut, renewing, sessionDoubt } from '../src/api/client';
import { signIn, signOut } from '../src/api/session';
import { deleteObjects, copyObject, listPage, listVersions } from '../src/s3/listing';
import { readAccess } from '../src/s3/access';
import { readFacts, readText, renameObject, replaceMetadata } from '../src/s3/object';
import { readCors, readPolicy, readTags, writeObjectTags, writePublicAccessBlock, writeTags, writeVersioning } from '../src/s3/settings';
import { writeLifecycle } from '../src/s3/lifecycle';
import { getting } from '../src/pages/files/links';
import { presign } from '../src/s3/client';

interface Sent {
  url: string;
  method: string;
  headers: Headers;
  body: string;
}
let sent: Sent[] = [];
let status = 200;
beforeEach(() => {
  sent = [];
  status = 200;
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = typeof input === 'string' ? { url: input, method: init?.method ?? 'GET', headers: new Headers(init?.headers), body: String(init?.body ?? '') } : { url: input.url, method: input.method, headers: input.headers, body: await input.text() };
    sent.push(request);
    if (request.url.includes('/api/')) {
      const asked = request.url.endsWith('/api/presign') ? (JSON.parse(request.body) as { headers?: object }) : null;
      return new Response(JSON.stringify({ success: true, data: asked ? { url: `https://s3.example/x?${sent.length}`, headers: asked.headers ?? {} } : {} }), { status, headers: { 'content-type': 'application/json' } });
    }
    return new Response('<Result><TagSet/></Result>', { status: 200, headers: { etag: '"e"', 'content-length': '3', 'content-range': 'bytes 0-2/3' } });
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Everything that the page asks of S3, each with a URL of its own. */
const calls: (() => Promise<unknown>)[] = [
  () => listPage('b', 'p/', 'q', 't', false), () => listVersions('b', 'p', { key: 'k', versionId: 'v' }), () => deleteObjects('b', [{ key: 'a', versionId: 'v' }, { key: '\u0001' }]), () => copyObject({ bucket: 'b', key: 'k', versionId: 'v' }, { bucket: 'c', key: 'd' }),
  () => readFacts('b', 'k', 'v'), () => readText('b', 'k', 'v', 10), () => renameObject('b', 'k', 'l', false), async () => replaceMetadata('b', 'k', await readFacts('b', 'k'), { type: 't/t', headers: {}, metadata: [{ name: 'n', value: 'v' }] }),
  () => readAccess('b'), () => readPolicy('b'), () => readCors('b'), () => readTags('b'), () => writeTags('b', [{ key: 'k', value: 'v' }]), () => writeTags('b', []), () => writeObjectTags('b', 'k', [], 'v'), () => writeVersioning('b', true), () => writeLifecycle('b', [], []),
  () => writePublicAccessBlock('b', { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true }), () => presign(getting('b', 'k', 'v', 'attachment', 'text/plain')),
];

test('what is presigned names no member of a signature and no header that is not of the page, and lives minutes', async () => {
  for (const call of calls) await call();
  const presigned = sent.filter(({ url }) => url.endsWith('/api/presign'));
  expect(presigned.length).toBeGreaterThan(25);
  // One URL is used once.
  const used = sent.filter(({ url }) => url.startsWith('https://s3.example/'));
  expect(new Set(used.map(({ url }) => url)).size).toBe(used.length);
  for (const { body } of presigned) {
    const asked = JSON.parse(body) as { query?: Record<string, string>; headers?: Record<string, string>; expiresIn: number };
    expect(Object.keys(asked.query ?? {}).filter((name) => /^x-amz-/i.test(name))).toEqual([]);
    expect(Object.keys(asked.headers ?? {}).filter((name) => !/^(content-type|range|if-(none-)?match|x-amz-(checksum-|copy-source|metadata-directive|meta-|storage-class|grant-|acl).*)$/.test(name))).toEqual([]);
    expect(asked.expiresIn).toBeLessThanOrEqual(900);
  }
});

test('every call of the page has its header, to sign in and out too', async () => {
  await signIn({ accessKey: 'a', secretKey: 'b' });
  await signOut();
  await done(api.DELETE('/api/keys/{id}', { params: { path: { id: 'k' } } }));
  expect(sent.map(({ method, url }) => `${method} ${new URL(url, 'http://x').pathname}`)).toEqual(['POST /api/session', 'DELETE /api/session', 'DELETE /api/keys/k']);
  for (const { headers } of sent) expect(headers.get('x-tarn-console')).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('a session that ends is told once; not while another one takes its place', async () => {
  status = 401;
  let told = 0;
  const forget = onSignedOut(() => told++);
  const ask = () => done(api.DELETE('/api/keys/{id}', { params: { path: { id: 'k' } } })).catch(() => undefined);
  await renewing(ask);
  expect(told).toBe(0);
  await ask();
  await presign({ method: 'GET' }).catch(() => undefined);
  expect(told).toBe(2);
  forget();
});

test.each([[200, 0], [401, 1], [403, 1], [503, 0]])('what is refused asks once whether the page still has a session: an answer of %i signs out %i times', async (session, expected) => {
  let told = 0;
  const forget = onSignedOut(() => told++);
  const held: (() => void)[] = [];
  vi.stubGlobal('fetch', async (input: Request) => {
    const isCheck = input.url.endsWith('/api/session');
    if (isCheck) await new Promise<void>((resolve) => held.push(resolve));
    return new Response('{"success":true,"data":{}}', { status: isCheck ? session : 403, headers: { 'content-type': 'application/json' } });
  });
  await Promise.all(['a', 'b', 'c'].map((id) => done(api.DELETE('/api/keys/{id}', { params: { path: { id } } })).catch(() => undefined)));
  await vi.waitFor(() => expect(held.length).toBe(1));
  held[0]!();
  await sessionDoubt();
  expect([held.length, told]).toEqual([1, expected]);
  forget();
});
