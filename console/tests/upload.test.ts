import { beforeEach, expect, test } from 'vitest';
import { ApiError } from '../src/api/client';
import { crc32Base64 } from '../src/s3/crc32';
import { compositeOf } from '../src/upload/finish';
import { uploadToBucket } from '../src/upload/multipart';
import { partSizeOf, partsOf } from '../src/upload/plan';
import { fits, openRecords, type RecordStore, type UploadRecord } from '../src/upload/records';
import { retrying, Slots } from '../src/upload/transport';
import { ExistsError, type Surroundings, type Work } from '../src/upload/work';
import { FakeS3, fileOf, memoryRecords, sample } from './fakes';

const mib = 1 << 20;

let s3: FakeS3;
let records: RecordStore;
let around: Surroundings;
beforeEach(() => {
  s3 = new FakeS3();
  records = memoryRecords();
  around = { slots: new Slots(4), records, principal: 'me', document: s3.document, plain: s3.plain, send: s3.send, now: () => 5, newId: () => 'r1', sleep: async () => undefined };
});
const work = (bytes: Uint8Array, more: Partial<Work> = {}): Work => ({ place: 'b', key: 'k', file: fileOf(bytes), contentType: 'x/y', replace: null, record: null, signal: new AbortController().signal, onProgress: () => undefined, onChecking: () => undefined, onRecord: () => undefined, ...more });

test('part sizes: few small parts, never more than 10,000', () => {
  expect(partSizeOf(20 * mib)).toBe(8 * mib);
  expect(partSizeOf(20_000 * mib)).toBe(20 * mib);
  for (const size of [1, 5e9, 64e9, 500e9, 5 * 1024 ** 4]) expect(Math.ceil(size / partSizeOf(size))).toBeLessThanOrEqual(10_000);
  expect(partSizeOf(5 * 1024 ** 4) % mib).toBe(0);
  expect(partsOf(20, 8)).toEqual([{ number: 1, from: 0, to: 8 }, { number: 2, from: 8, to: 16 }, { number: 3, from: 16, to: 20 }]);
  expect(partsOf(0, 8)).toHaveLength(1);
});

test('a small file is one request', async () => {
  await uploadToBucket(work(sample(100)), around);
  expect([...s3.objects.get('k')!.bytes]).toEqual([...sample(100)]);
});

test('a large file arrives whole, in parts, and leaves no record', async () => {
  const bytes = sample(17 * mib);
  let sent = 0;
  await uploadToBucket(work(bytes, { onProgress: (n) => (sent = n) }), around);
  expect(s3.puts.sort()).toEqual([1, 2, 3]);
  expect(Buffer.compare(Buffer.from(s3.objects.get('k')!.bytes), Buffer.from(bytes))).toBe(0);
  expect(sent).toBe(bytes.length);
  expect(await records.all()).toEqual([]);
});

test('after a break only what is missing is sent, and parts that differ again', async () => {
  const bytes = sample(17 * mib);
  s3.fail = (call) => (call.query?.partNumber === '3' ? new ApiError('no', 403, 'R', 'AccessDenied') : null);
  await expect(uploadToBucket(work(bytes), around)).rejects.toMatchObject({ code: 'AccessDenied' });
  const [record] = await records.all();
  s3.fail = () => null;
  const there = s3.uploads.get(record!.uploadId)!;
  there.set(1, { bytes: sample(8 * mib, 1), crc: crc32Base64(sample(8 * mib, 1)) });
  const had = [...there.keys()];
  s3.puts = [];
  const checking: boolean[] = [];
  await uploadToBucket(work(bytes, { record: record!, onChecking: (is) => checking.push(is) }), around);
  expect(s3.puts.sort()).toEqual([1, 2, 3].filter((n) => n === 1 || !had.includes(n)));
  expect(checking).toEqual([true, false]);
  expect(Buffer.compare(Buffer.from(s3.objects.get('k')!.bytes), Buffer.from(bytes))).toBe(0);
});

test('an upload that was ended elsewhere begins anew', async () => {
  const bytes = sample(17 * mib);
  const record: UploadRecord = { id: 'old', kind: 'bucket', place: 'b', key: 'k', uploadId: 'gone', name: 'f.bin', size: bytes.length, lastModified: 1, partSize: 8 * mib, principal: 'me', created: 1, replace: null };
  await records.put(record);
  await uploadToBucket(work(bytes, { record }), around);
  expect(s3.objects.has('k')).toBe(true);
  expect(await records.all()).toEqual([]);
});

const sizes = [100, 17 * mib];
const etag = () => s3.objects.get('k')!.etag;
const holds = (bytes: Uint8Array) => Buffer.compare(Buffer.from(s3.objects.get('k')!.bytes), Buffer.from(bytes)) === 0;
const seenBy = async (run: Promise<void>) => run.then(() => { throw new Error('It was not refused.'); }, (error: unknown) => (expect(error).toBeInstanceOf(ExistsError), (error as ExistsError).etag));

test.each(sizes)('nothing is replaced unasked, and what was seen is when it is asked (%i bytes)', async (size) => {
  s3.put('k', new Uint8Array([1]));
  const seen = await seenBy(uploadToBucket(work(sample(size)), around));
  expect(seen).toBe(etag());
  expect(holds(new Uint8Array([1]))).toBe(true);
  expect(s3.uploads.size).toBe(0);
  await uploadToBucket(work(sample(size), { replace: { etag: seen } }), around);
  expect(holds(sample(size))).toBe(true);
});

test.each(sizes)('what is newer than what was to be replaced stays (%i bytes)', async (size) => {
  s3.put('k', new Uint8Array([1]));
  const old = etag();
  s3.put('k', new Uint8Array([2]));
  expect(await seenBy(uploadToBucket(work(sample(size), { replace: { etag: old } }), around))).toBe(etag());
  expect(holds(new Uint8Array([2]))).toBe(true);
});

test.each(sizes)('what was to be replaced and is gone is not in the way (%i bytes)', async (size) => {
  await uploadToBucket(work(sample(size), { replace: { etag: '"gone"' } }), around);
  expect(holds(sample(size))).toBe(true);
});

test.each(sizes)('who may not read is asked at the end, and replaces what cannot be seen (%i bytes)', async (size) => {
  s3.mayRead = false;
  s3.put('k', new Uint8Array([1]));
  expect(await seenBy(uploadToBucket(work(sample(size)), around))).toBeNull();
  await uploadToBucket(work(sample(size), { replace: { etag: null } }), around);
  expect(holds(sample(size))).toBe(true);
});

/** Loses the first answers of the request that makes the object. */
function lose(times: number) {
  let lost = 0;
  s3.failAfter = (call) => (!call.query?.partNumber && lost++ < times ? new ApiError('lost', 0) : null);
}

test.each(sizes)('an object whose answer was lost is the upload, and is not asked about (%i bytes)', async (size) => {
  lose(1);
  await uploadToBucket(work(sample(size)), around);
  expect(holds(sample(size))).toBe(true);
  expect(await records.all()).toEqual([]);
});

test.each(sizes)('an upload of which every answer was lost is found done later, without sending it again (%i bytes)', async (size) => {
  lose(99);
  s3.fail = (call) => (s3.objects.has('k') && !call.query?.partNumber ? new ApiError('broken', 0) : null);
  await expect(uploadToBucket(work(sample(size)), around)).rejects.toMatchObject({ status: 0 });
  s3.fail = s3.failAfter = () => null;
  const made = etag();
  s3.puts = [];
  await uploadToBucket(work(sample(size), { record: (await records.all())[0] ?? null }), around);
  expect([etag(), s3.puts, await records.all()]).toEqual([made, [], []]);
});

test('after a lost answer what somebody else put since then stays, and is asked about', async () => {
  lose(99);
  s3.fail = (call) => (s3.objects.has('k') && !call.query?.partNumber ? new ApiError('broken', 0) : null);
  await expect(uploadToBucket(work(sample(17 * mib)), around)).rejects.toMatchObject({ status: 0 });
  s3.fail = s3.failAfter = () => null;
  for (const bytes of [sample(17 * mib, 1), new Uint8Array([2])]) {
    // Of the same size, with the same number of parts, and quite different.
    s3.put('k', bytes, compositeOf([0, 8, 16].map((at) => crc32Base64(bytes.subarray(at * mib, (at + 8) * mib)))));
    const [record] = await records.all();
    s3.puts = [];
    expect(await seenBy(uploadToBucket(work(sample(17 * mib), { record: record ?? null }), around))).toBe(etag());
    expect(holds(bytes)).toBe(true);
    expect(s3.puts).toEqual([]);
    // It is sent only when that is said; the record of the upload that is gone went with it.
    expect(await records.all()).toEqual([]);
    if (record) await records.put(record);
  }
});

test('an upload that is gone does not send again what would replace something newer', async () => {
  const record: UploadRecord = { id: 'old', kind: 'bucket', place: 'b', key: 'k', uploadId: 'gone', name: 'f.bin', size: 17 * mib, lastModified: 1, partSize: 8 * mib, principal: 'me', created: 1, replace: { etag: '"old"' } };
  s3.put('k', new Uint8Array([1]));
  expect(await seenBy(uploadToBucket(work(sample(17 * mib), { record, replace: { etag: '"old"' } }), around))).toBe(etag());
  expect([s3.puts, s3.uploads.size]).toEqual([[], 0]);
});

test('an upload that is gone is begun anew by who may not read, and replaces nothing', async () => {
  const record: UploadRecord = { id: 'old', kind: 'bucket', place: 'b', key: 'k', uploadId: 'gone', name: 'f.bin', size: 17 * mib, lastModified: 1, partSize: 8 * mib, principal: 'me', created: 1, replace: { etag: null } };
  s3.put('k', new Uint8Array([1]));
  s3.mayRead = false;
  expect(await seenBy(uploadToBucket(work(sample(17 * mib), { record, replace: { etag: null } }), around))).toBeNull();
  expect(holds(new Uint8Array([1]))).toBe(true);
});

test('what may pass is tried again, what does not is not', async () => {
  let tries = 0;
  s3.fail = () => (++tries < 4 ? new ApiError('busy', 503, null, 'SlowDown') : null);
  await uploadToBucket(work(sample(10)), around);
  expect(tries).toBe(4);
  tries = 0;
  s3.fail = () => (tries++, new ApiError('no', 403, null, 'AccessDenied'));
  await expect(uploadToBucket(work(sample(10), { key: 'x' }), around)).rejects.toThrow();
  expect(tries).toBe(1);
});

test('waits grow, and end after five tries', async () => {
  const waits: number[] = [];
  const signal = new AbortController().signal;
  await expect(retrying(async () => { throw new ApiError('x', 500); }, signal, async (ms) => void waits.push(ms), () => 0.5)).rejects.toThrow('x');
  expect(waits).toEqual([500, 1000, 2000, 4000]);
});

test('slots: at most so many at a time, each goes on after an error', async () => {
  const slots = new Slots(2);
  let active = 0;
  let most = 0;
  const results = await Promise.allSettled(Array.from({ length: 7 }, (_, i) => slots.use(async () => {
    most = Math.max(most, ++active);
    await Promise.resolve();
    active--;
    if (i === 2) throw new Error('one');
  })));
  expect(most).toBe(2);
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(6);
});

test('records outlive the page that wrote them', async () => {
  const record: UploadRecord = { id: 'a', kind: 'bucket', place: 'b', key: 'k', uploadId: 'u', name: 'f', size: 3, lastModified: 1, partSize: 8, principal: 'me', created: 1, replace: null };
  await openRecords().put(record);
  const again = openRecords();
  expect(await again.all()).toEqual([record]);
  await again.delete('a');
  expect(await openRecords().all()).toEqual([]);
  expect([fits(record, { size: 3, name: 'f' }), fits(record, { size: 4, name: 'f' })]).toEqual([true, false]);
});
