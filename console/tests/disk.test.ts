import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/client';
import { forgetDirectories, uploadToDisk } from '../src/upload/disk';
import type { UploadRecord } from '../src/upload/records';
import { Slots } from '../src/upload/transport';
import { ExistsError, type Surroundings, type Work } from '../src/upload/work';
import { fileOf, memoryRecords, sample } from './fakes';

/** A disk in memory, as the control API has it. */
let files: Map<string, Uint8Array>;
let directories: Set<string>;
let uploads: Map<string, { path: string; replace: boolean; bytes: Uint8Array }>;
let sent: string[];
let spoil: (bytes: Uint8Array) => Uint8Array;
let failComplete: () => Response | null;
let removeAtComplete = false;

const answer = (status: number, data: unknown) => new Response(JSON.stringify(status < 400 ? { success: true, data } : { success: false, error: data }), { status, headers: { 'content-type': 'application/json', 'x-request-id': 'R' } });
const parent = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

async function control(input: Request): Promise<Response> {
  const { pathname } = new URL(input.url);
  const body = input.method === 'POST' ? (JSON.parse((await input.text()) || '{}') as Record<string, unknown>) : {};
  const path = body.path as string;
  if (pathname.endsWith('/directories')) {
    directories.add(path);
    return answer(200, {});
  }
  if (pathname.endsWith('/uploads')) {
    if (parent(path) !== '' && !directories.has(parent(path))) return answer(404, 'no such directory');
    if (!body.replace && files.has(path)) return answer(409, `'${path}' exists already`);
    const uploadId = `u${uploads.size + 1}`;
    uploads.set(uploadId, { path, replace: body.replace as boolean, bytes: new Uint8Array() });
    return answer(201, { uploadId, path, offset: 0 });
  }
  const upload = uploads.get(pathname.split('/')[5]!);
  if (!upload) return answer(404, 'there is no such upload');
  if (input.method === 'DELETE') {
    uploads.delete(pathname.split('/')[5]!);
    return answer(200, {});
  }
  if (input.method === 'GET') return answer(200, { offset: upload.bytes.length });
  const failed = failComplete();
  if (failed) {
    if (removeAtComplete) uploads.clear();
    return failed;
  }
  if (body.sha256 !== createHash('sha256').update(upload.bytes).digest('hex')) return answer(400, 'the file does not have the SHA-256');
  if (files.has(upload.path) && !upload.replace && !body.replace) return answer(409, `'${upload.path}' exists already`);
  files.set(upload.path, upload.bytes);
  uploads.delete(pathname.split('/')[5]!);
  return answer(201, { path: upload.path, size: upload.bytes.length, eTag: 'e' });
}

vi.mock('../src/upload/transport', async (original) => ({
  ...(await original<typeof import('../src/upload/transport')>()),
  sendControl: async (_method: string, path: string, body: Blob) => {
    sent.push(path);
    const upload = uploads.get(path.split('/')[5]!.split('?')[0]!);
    if (!upload) throw new ApiError('gone', 404);
    upload.bytes = Uint8Array.from([...upload.bytes, ...spoil(new Uint8Array(await body.arrayBuffer()))]);
  },
}));

let around: Surroundings;
beforeEach(() => {
  files = new Map();
  directories = new Set();
  uploads = new Map();
  sent = [];
  spoil = (bytes) => bytes;
  failComplete = () => null;
  removeAtComplete = false;
  forgetDirectories();
  vi.stubGlobal('fetch', control);
  const plain: Surroundings['plain'] = async (call) => {
    const there = files.get(call.key!);
    if (!there) throw new ApiError('none', 404, 'R', 'NotFound');
    return new Response(null, { headers: { etag: '"e"', 'content-length': String(there.length) } });
  };
  around = { slots: new Slots(4), records: memoryRecords(), principal: 'me', document: async () => { throw new Error('not here'); }, plain, send: async () => { throw new Error('not here'); }, now: () => 5, newId: () => 'r1', sleep: async () => undefined };
});
afterEach(() => vi.unstubAllGlobals());
const work = (bytes: Uint8Array, more: Partial<Work> = {}): Work => ({ place: 'dsk', key: 'a/b/k', file: fileOf(bytes), contentType: 'x/y', replace: null, record: null, signal: new AbortController().signal, onProgress: () => undefined, onChecking: () => undefined, onRecord: () => undefined, ...more });

test.each([0, 100, 5000])('a file arrives, its SHA-256 compared by the server (%i bytes)', async (size) => {
  await uploadToDisk(work(sample(size)), around);
  expect([...files.get('a/b/k')!]).toEqual([...sample(size)]);
  expect(await around.records.all()).toEqual([]);
});

test('what was spoilt on the way is not stored, and the next try begins anew', async () => {
  spoil = (bytes) => bytes.map((byte) => byte ^ 1);
  const records: (UploadRecord | null)[] = [];
  await expect(uploadToDisk(work(sample(100), { onRecord: (record) => records.push(record) }), around)).rejects.toThrow(/not what was read here/);
  expect([files.size, uploads.size, (await around.records.all()).length, records.at(-1)]).toEqual([0, 0, 0, null]);
  spoil = (bytes) => bytes;
  await uploadToDisk(work(sample(100)), around);
  expect(files.size).toBe(1);
});

test('what is there is not replaced unasked, before anything is sent; what appears meanwhile is asked about, and then replaced without sending it again', async () => {
  files.set('a/b/k', new Uint8Array([1]));
  await expect(uploadToDisk(work(sample(100)), around)).rejects.toBeInstanceOf(ExistsError);
  expect([sent, uploads.size]).toEqual([[], 0]);
  files.clear();
  spoil = (bytes) => (files.set('a/b/k', new Uint8Array([2])), bytes);
  await expect(uploadToDisk(work(sample(100)), around)).rejects.toBeInstanceOf(ExistsError);
  expect([...files.get('a/b/k')!]).toEqual([2]);
  spoil = (bytes) => bytes;
  sent = [];
  const [record] = await around.records.all();
  await uploadToDisk(work(sample(100), { record: record!, replace: { etag: '"e"' } }), around);
  expect([sent, [...files.get('a/b/k')!]]).toEqual([[], [...sample(100)]]);
});

test('a directory that was made before and is gone is made again', async () => {
  await uploadToDisk(work(sample(3)), around);
  directories.clear();
  await uploadToDisk(work(sample(3), { key: 'a/b/l' }), around);
  expect([...files.keys()]).toEqual(['a/b/k', 'a/b/l']);
});

test('an upload goes on where it was, and the hash is that of all of it', async () => {
  const bytes = sample(3000);
  uploads.set('u1', { path: 'a/b/k', replace: false, bytes: bytes.slice(0, 1500) });
  const record: UploadRecord = { id: 'r1', kind: 'disk', place: 'dsk', key: 'a/b/k', uploadId: 'u1', name: 'f.bin', size: 3000, lastModified: 1, partSize: 1000, principal: 'me', created: 1, replace: null, crcs: [] };
  await around.records.put(record);
  await uploadToDisk(work(bytes, { record }), around);
  expect(sent.map((path) => /offset=(\d+)/.exec(path)![1])).toEqual(['1500', '2000']);
  expect([...files.get('a/b/k')!]).toEqual([...bytes]);
});

test('a completion whose answer was lost is asked for again; what cannot be told is asked about', async () => {
  let lost = 2;
  failComplete = () => (lost-- > 0 ? answer(503, 'busy') : null);
  await uploadToDisk(work(sample(50)), around);
  expect(files.size).toBe(1);
  files.clear();
  removeAtComplete = true;
  failComplete = () => {
    files.set('a/b/k', new Uint8Array([7]));
    return answer(503, 'lost');
  };
  await expect(uploadToDisk(work(sample(50)), around)).rejects.toBeInstanceOf(ExistsError);
  expect([...files.get('a/b/k')!]).toEqual([7]);
  expect(await around.records.all()).toEqual([]);
});
