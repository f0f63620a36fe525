import { QueryClient, focusManager } from '@tanstack/react-query';
import { notifications, notificationsStore } from '@mantine/notifications';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/client';
import { stopWatching, watchJob, type Job } from '../src/api/jobs';
import { forgetTold } from '../src/app/forget';
import { byReason, failures } from '../src/components/failures';
import { moveEntries, removeEntries, sharedName } from '../src/pages/files/changes';
import type { Place } from '../src/pages/files/place';
import type { S3Call } from '../src/s3/client';
import type { Entry } from '../src/s3/listing';
import { restoreVersion } from '../src/s3/object';
import { restoreRefusal } from '../src/s3/settings';
import { abortUpload } from '../src/upload/unfinished';

/** What S3 and the control API are asked, and what they answer. */
let asked: string[];
let s3: (call: S3Call, body: string) => Response;
let control: (method: string, path: string, body: string) => Response;
const refused = (status: number, code: string, id = 'R1') => new Response(`<Error><Code>${code}</Code><Message>because</Message><RequestId>${id}</RequestId></Error>`, { status });
const json = (status: number, data: object) => new Response(JSON.stringify(status < 300 ? { success: true, data } : data), { status, headers: { 'content-type': 'application/json' } });

beforeEach(() => {
  asked = [];
  s3 = () => new Response('<Result/>', { headers: { 'x-amz-request-id': 'R2' } });
  control = () => json(200, { id: 'j', bucket: 'b', state: 'queued' });
  const presigned: S3Call[] = [];
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    if (typeof input === 'string') {
      const call = presigned[Number(new URL(input).search.slice(1))]!;
      asked.push(`${call.method} ${call.key ?? `?${Object.keys(call.query ?? {}).join()}`}`);
      return s3(call, String(init?.body ?? ''));
    }
    const { pathname } = new URL(input.url);
    const body = await input.text();
    if (pathname === '/api/presign') {
      presigned.push(JSON.parse(body) as S3Call);
      return json(200, { url: `https://s3.example/x?${presigned.length - 1}`, headers: {} });
    }
    asked.push(`${input.method} ${pathname}`);
    return control(input.method, input.url, body);
  });
});
afterEach(() => {
  stopWatching();
  vi.unstubAllGlobals();
});

const bucket: Place = { kind: 'bucket', bucket: 'b', title: 'b', versioning: 'never', canWrite: true, disk: null };
const disk: Place = { ...bucket, kind: 'disk', bucket: 'd' };
const object = (key: string): Entry => ({ kind: 'object', key, size: 1, modified: '' });
const folder = (prefix: string): Entry => ({ kind: 'folder', prefix });
const told = ({ failures }: { failures: { key: string; error: unknown }[] }) => failures.map(({ key, error }) => [key, (error as ApiError).requestId]);

test('a deletion goes on after what is refused, and says all of that with the requests', async () => {
  let batch = 0;
  s3 = () => (++batch === 2 ? refused(503, 'SlowDown') : new Response('<R><Error><Key>k3</Key><Code>AccessDenied</Code><Message>no</Message></Error><Error><Key>k4</Key><Code>NoSuchKey</Code></Error></R>', { headers: { 'x-amz-request-id': 'R2' } }));
  control = (_method, _path, body) => (body.includes('first') ? json(403, { error: 'not yours' }) : json(200, { id: 'j', bucket: 'b', state: 'queued' }));
  const entries = [folder('first/'), ...Array.from({ length: 2500 }, (_, i) => object(`k${i}`)), folder('second/')];
  const outcome = await removeEntries(bucket, entries, null);
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual(['POST ?delete', 'POST ?delete', 'POST ?delete', 'POST /api/jobs', 'POST /api/jobs']);
  expect(outcome.jobs).toHaveLength(1);
  expect(outcome.failures).toHaveLength(1 + 1000 + 1 + 1);
  expect(told(outcome).slice(0, 2)).toEqual([['k3', 'R2'], ['k1000', 'R1']]);
  const reasons = byReason(outcome.failures);
  expect(reasons.map(({ error, keys }) => [(error as ApiError).status, keys.length])).toEqual([[403, 2], [503, 1000], [403, 1]]);
  expect(reasons.slice(0, 2).every(({ error }) => (error as ApiError).isExplained)).toBe(true);
});

test('without a network the rest is not tried, and is told too', async () => {
    const offline = vi.fn(() => { throw new TypeError('no network'); });
  control = offline;
  const outcome = await removeEntries(disk, [object('a'), object('b'), folder('c/')], null);
  expect(offline).toHaveBeenCalledTimes(1);
  expect(outcome.failures.map(({ key }) => key)).toEqual(['a', 'b', 'c/']);
});

test('what is gone already is deleted', async () => {
  control = (_method, path) => (path.includes('path=a') ? json(404, { error: 'there is no such file' }) : path.includes('path=b') ? json(409, { error: 'busy' }) : json(200, {}));
  expect((await removeEntries(disk, [object('a'), object('b'), object('c')], null)).failures.map(({ key }) => key)).toEqual(['b']);
  s3 = () => refused(404, 'NoSuchBucket');
  expect((await removeEntries(bucket, [object('a'), object('\u0001')], null)).failures).toEqual([]);
});

test('several are moved each with its name, folders by a job each', async () => {
  const bodies: object[] = [];
  control = (_method, _path, body) => {
    bodies.push(JSON.parse(body) as object);
    return json(200, { id: `j${bodies.length}`, bucket: 'b', state: 'queued' });
  };
  s3 = (call) => (call.method === 'PUT' && call.key === 'to/2' ? refused(412, 'PreconditionFailed') : new Response('<R/>', { headers: { etag: '"e"' } }));
  const outcome = await moveEntries(bucket, [folder('x/a/'), object('x/1'), object('x/2'), folder('b/')], { bucket: 'b', folder: 'to' }, false, false);
  expect(bodies.map((body) => [(body as Record<string, unknown>).prefix, (body as Record<string, unknown>).toPrefix])).toEqual([['x/a/', 'to/a/'], ['b/', 'to/b/']]);
  expect(outcome.jobs).toHaveLength(2);
  expect(told(outcome)).toEqual([['x/2', 'R1']]);
  expect(asked.filter((one) => one.startsWith('DELETE'))).toEqual(['DELETE x/1']);
});

test('two of one name are not moved into one folder', () => {
  expect(sharedName([object('a/x'), folder('x/'), object('b/y')])).toBeNull();
  expect(sharedName([object('a/x'), object('b/x')])).toBe('x');
  expect(sharedName([folder('a/x/'), folder('x/')])).toBe('x/');
});

test('where versioning is suspended or was turned off meanwhile nothing is brought back', async () => {
  for (const [status, isCopied] of [['Enabled', true], ['Suspended', false], ['', false]] as const) {
    asked = [];
    s3 = (call) => new Response(call.query?.versioning === undefined ? '<R/>' : `<V><Status>${status}</Status></V>`);
    const work = restoreVersion('b', 'k', 'v1');
    if (isCopied) await work;
    else await expect(work).rejects.toThrow(restoreRefusal);
    expect(asked.includes('PUT k')).toBe(isCopied);
  }
});

test('an upload of a bucket that is gone has ended; what is refused is not ended', async () => {
  for (const code of ['NoSuchUpload', 'NoSuchBucket']) {
    s3 = () => refused(404, code);
    await abortUpload('b', 'k', 'u');
  }
  s3 = () => refused(403, 'AccessDenied');
  await expect(abortUpload('b', 'k', 'u')).rejects.toMatchObject({ code: 'AccessDenied' });
});

const job = (change: Partial<Job>) => ({ id: 'j', bucket: 'b', state: 'running', ...change }) as Job;

test('at the end of a job what shows its buckets is read again; a page that nobody sees asks nothing', async () => {
  vi.useFakeTimers();
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const stale = () => ['b', 'c', 'other'].map((name) => queries.getQueryState(['files', name])!.isInvalidated);
  for (const name of ['b', 'c', 'other']) queries.setQueryData(['files', name], []);
  let state = 'running';
  control = () => json(200, job({ state }));
  const looks = () => asked.filter((one) => one === 'GET /api/jobs/j').length;
  try {
    watchJob(queries, job({ toBucket: 'c' }));
    await vi.advanceTimersByTimeAsync(4500);
    expect([looks(), stale()]).toEqual([3, [false, false, false]]);
    focusManager.setFocused(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks()).toBe(3);
    focusManager.setFocused(true);
    state = 'succeeded';
    await vi.advanceTimersByTimeAsync(2500);
    expect(stale()).toEqual([true, true, false]);
    const after = looks();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks()).toBe(after);
  } finally {
    focusManager.setFocused(undefined);
    queries.clear();
    vi.useRealTimers();
  }
});

test('a job that may not be looked at is not asked for again, nor one of whoever has signed out', async () => {
  vi.useFakeTimers();
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  try {
    control = () => json(404, { error: 'there is no such job' });
    watchJob(queries, job({}));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    control = () => json(200, job({ id: 'k' }));
    watchJob(queries, job({ id: 'k' }));
    await vi.advanceTimersByTimeAsync(1000);
    notifications.show({ message: 'secret.txt was deleted.' });
    notifications.show({ message: 'It stays.', autoClose: false });
    failures.show({ title: 't', list: [{ key: 'secret.txt', error: null }] });
    asked = [];
    forgetTold();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked, failures.get(), notificationsStore.getState().notifications, notificationsStore.getState().queue]).toEqual([[], null, [], []]);
  } finally {
    queries.clear();
    vi.useRealTimers();
  }
});
