import { expect, test } from 'vitest';
import { dueAt, emptyRule, lifecycleWith, mayEmpty, parseLifecycle, previewRule, problemOf, removedOf, type LifecycleRule } from '../src/s3/lifecycle';
import type { Version, VersionPage } from '../src/s3/listing';
import { Draft, draftDocument, parseXml } from '../src/s3/xml';

const written = (rules: LifecycleRule[]) => parseXml(draftDocument(lifecycleWith(new Draft('LifecycleConfiguration'), rules)));

const day = 86_400_000;
const now = Date.parse('2026-06-30T12:00:00Z');
const version = (key: string, age: number, more: Partial<Version> = {}): Version => ({ key, versionId: `${key}${age}`, isLatest: false, isMarker: false, modified: new Date(now - age * day).toISOString(), size: 10, etag: '', ...more });
const rule = (change: Partial<LifecycleRule>): LifecycleRule => ({ ...emptyRule, ...change });

test('rules survive reading and writing, with each shape of a filter', () => {
  const rules = [
    rule({ id: 'a', days: 30 }), rule({ id: 'b', prefix: 'x/', abortDays: 7 }), rule({ id: 'c', tags: [{ key: 'k', value: 'v' }], noncurrentDays: 5, keepVersions: 2 }),
    rule({ id: 'd', prefix: 'p', tags: [{ key: 'k', value: '' }], minSize: 5, maxSize: 100, date: '2027-01-01', isEnabled: false }), rule({ id: 'e', removeMarkers: true }),
  ];
  expect(parseLifecycle(written(rules)).map((one) => ({ ...one, source: null }))).toEqual(rules);
});

test('a rule of before filters has its prefix beside', () => {
  expect(parseLifecycle(parseXml('<LifecycleConfiguration><Rule><Prefix>old/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>'))[0]).toMatchObject({ prefix: 'old/', days: 1 });
});

test.each([
  [{ date: '' }, /Choose the day/], [{ date: '2026-02-31' }, /Choose the day/], [{ date: '31.12.2026' }, /Choose the day/], [{ days: NaN }, /from 1/], [{ noncurrentDays: NaN }, /from 1/], [{ abortDays: NaN }, /from 1/], [{ days: 1, minSize: NaN }, /whole numbers/],
  [{}, /Say what/], [{ days: 1, date: '2026-01-01' }, /not both/], [{ days: 0 }, /from 1/], [{ keepVersions: 1, days: 1 }, /number of days/], [{ abortDays: 1, minSize: 5 }, /no size/], [{ days: 1, minSize: 9, maxSize: 10 }, /No size/],
])('what is wrong with %j', (change, message) => expect(problemOf(rule(change))).toMatch(message));

test('what is right is right', () => {
  expect(problemOf(rule({ days: 1, abortDays: 2 }))).toBeNull();
  expect(problemOf(rule({ date: '2028-02-29' }))).toBeNull();
});

test('what may remove things in all of the bucket at once is known', () => {
  // now is noon of 2026-06-30
  const may = (change: Partial<LifecycleRule>) => mayEmpty(rule(change), now);
  expect([may({ date: '2026-06-30' }), may({ date: '2020-01-01' }), may({ days: 30 }), may({ noncurrentDays: 1 }), may({ days: 30, minSize: 1 })]).toEqual([true, true, true, true, true]);
  expect([may({ date: '2026-07-01' }), may({ days: 30, prefix: 'a/' }), may({ days: 30, tags: [{ key: 'k', value: '' }] }), may({ abortDays: 1 }), may({ removeMarkers: true }), may({ days: 1, isEnabled: false })]).toEqual([false, false, false, false, false, false]);
});

test('what expires frees its bytes where no version of it stays', async () => {
  const list = () => pages([{ versions: [version('a', 40, { isLatest: true, versionId: 'null' }), version('b', 40, { isLatest: true })], next: null }]);
  const bytes = async (versioning: 'enabled' | 'suspended' | 'never') => (await previewRule('b', rule({ days: 30 }), versioning, signal, () => now, list())).bytes;
  expect([await bytes('enabled'), await bytes('suspended'), await bytes('never')]).toEqual([0, 10, 20]);
});

test('days end at midnight UTC', () => {
  expect(new Date(dueAt(Date.parse('2026-06-01T10:00:00Z'), 1)).toISOString()).toBe('2026-06-03T00:00:00.000Z');
  expect(new Date(dueAt(Date.parse('2026-06-01T00:00:00Z'), 1)).toISOString()).toBe('2026-06-02T00:00:00.000Z');
});

test('the newest version expires by its age and size', () => {
  const old = [version('k', 40, { isLatest: true })];
  expect(removedOf(rule({ days: 30 }), old, now, false)).toHaveLength(1);
  expect(removedOf(rule({ days: 40 }), old, now, false)).toHaveLength(0);
  expect(removedOf(rule({ days: 30, minSize: 10 }), old, now, false)).toHaveLength(0);
  expect(removedOf(rule({ date: '2026-06-30' }), old, now, false)).toHaveLength(1);
});

test('old versions are as old as the one after them, and the newest of them are kept', () => {
  const versions = [version('k', 2, { isLatest: true }), version('k', 50), version('k', 60), version('k', 70)];
  expect(removedOf(rule({ noncurrentDays: 30 }), versions, now, true).map((one) => one.version.versionId)).toEqual(['k60', 'k70']);
  expect(removedOf(rule({ noncurrentDays: 1, keepVersions: 2 }), versions, now, true).map((one) => one.version.versionId)).toEqual(['k70']);
});

test('a delete marker is removed when it is alone', () => {
  const marker = version('k', 1, { isLatest: true, isMarker: true });
  expect(removedOf(rule({ removeMarkers: true }), [marker], now, true)).toHaveLength(1);
  expect(removedOf(rule({ removeMarkers: true }), [marker, version('k', 5)], now, true)).toHaveLength(0);
});

const pages = (all: VersionPage[]) => {
  let at = 0;
  return async () => all[at++]!;
};
const signal = new AbortController().signal;

test('a preview counts versions of a key that two pages share once', async () => {
  const found = await previewRule('b', rule({ noncurrentDays: 10 }), 'enabled', signal, () => now, pages([
    { versions: [version('k', 20, { isLatest: true }), version('k', 30)], next: { key: 'k', versionId: 'k30' } }, { versions: [version('k', 40)], next: null },
  ]));
  expect(found).toMatchObject({ noncurrent: 2, keys: 1, isComplete: true });
});

test('a preview ends after 1,000 keys, and after 5 seconds', async () => {
  const many = Array.from({ length: 1200 }, (_, i) => version(`k${String(i).padStart(4, '0')}`, 90, { isLatest: true }));
  expect(await previewRule('b', rule({ days: 30 }), 'never', signal, () => now, pages([{ versions: many, next: null }]))).toMatchObject({ current: 1000, keys: 1000, isComplete: false, end: 'keys' });
  let time = now;
  const slow = async () => {
    time += 6000;
    return { versions: [version('a', 90, { isLatest: true }), version('b', 90, { isLatest: true })], next: { key: 'b', versionId: '' } };
  };
  expect(await previewRule('b', rule({ days: 30 }), 'never', signal, () => time, slow)).toMatchObject({ current: 1, isComplete: false, end: 'time' });
});

const first = { versions: [version('a', 90, { isLatest: true }), version('b', 90, { isLatest: true })], next: { key: 'b', versionId: '' } };
const waiting = (seen: () => void) => {
  let asked = 0;
  return (_bucket: string, _prefix: string, _from: VersionPage['next'], aborted?: AbortSignal) => {
    if (asked++ === 0) return Promise.resolve(first);
    return new Promise<VersionPage>((_, reject) => {
      aborted!.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      seen();
    });
  };
};

test('a preview that is stopped says what it had found', async () => {
  const stop = new AbortController();
  expect(await previewRule('b', rule({ days: 30 }), 'never', stop.signal, () => now, waiting(() => stop.abort()))).toMatchObject({ current: 1, end: 'stopped', isComplete: false });
});

test('a preview does not wait longer for a page than it may take', async () => {
  const late = new AbortController();
  expect(await previewRule('b', rule({ days: 30 }), 'never', signal, () => now, waiting(() => late.abort()), () => late.signal)).toMatchObject({ current: 1, end: 'time' });
});

test('pages are in the order of S3, beyond 16 bits too', async () => {
  // U+FF00 comes before U+1F600 in UTF-8, and after its first half in UTF-16.
  const found = await previewRule('b', rule({ noncurrentDays: 10 }), 'enabled', signal, () => now, pages([
    { versions: [version('\uff00', 20, { isLatest: true }), version('\u{1f600}', 20, { isLatest: true })], next: { key: '\u{1f600}', versionId: 'x' } }, { versions: [version('\u{1f600}', 40)], next: null },
  ]));
  expect(found).toMatchObject({ noncurrent: 1, keys: 2 });
});
