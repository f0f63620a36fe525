import { beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/client';
import { Identity } from '../src/api/identity';
import type { Session } from '../src/api/session';
import { Uploads } from '../src/upload/engine';
import { openLeases, type Channel, type Leases } from '../src/upload/lease';
import type { UploadRecord } from '../src/upload/records';
import type { Tools } from '../src/upload/tasks';
import { ExistsError, type Work } from '../src/upload/work';
import { fileOf, memoryRecords } from './fakes';

/** Locks of one browser, as all its tabs see them. */
function browserLocks(): LockManager {
  const held = new Set<string>();
  return {
    request: async (name: string, _options: LockOptions, callback: (lock: Lock | null) => unknown) => {
      if (held.has(name)) return callback(null);
      held.add(name);
      try {
        return await callback({ name, mode: 'exclusive' });
      } finally {
        held.delete(name);
      }
    },
    query: async () => ({ held: [...held].map((name) => ({ name })), pending: [] }),
  } as unknown as LockManager;
}

/** Channels of one browser: each hears the others, a little later. */
function browserChannels(): () => Channel {
  const all: Channel[] = [];
  return () => {
    const channel: Channel = {
      onmessage: null,
      postMessage: (data: unknown) => all.filter((other) => other !== channel).forEach((other) => queueMicrotask(() => other.onmessage?.call(other as BroadcastChannel, { data } as MessageEvent))),
    };
    all.push(channel);
    return channel;
  };
}

interface Running {
  work: Work;
  principal: string;
  end: (error?: unknown) => void;
}
/** A tab whose uploads end when the test says so. */
function tab(records: Tools['records'], leases: Leases) {
  const running: Running[] = [];
  const aborted: string[] = [];
  const upload: Tools['upload']['bucket'] = (work, { principal, newId }) =>
    new Promise<void>((resolve, reject) => {
      work.signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      if (!work.record) {
        const record: UploadRecord = { id: newId(), kind: 'bucket', place: work.place, key: work.key, uploadId: 'u', name: work.file.name, size: work.file.size, lastModified: 1, partSize: 8, principal, created: 1, replace: work.replace };
        void records.put(record).then(() => work.onRecord(record));
      }
      running.push({ work, principal, end: (error) => (error ? reject(error) : resolve()) });
    });
  const abort = async (record: UploadRecord) => void aborted.push(record.id);
  const uploads = new Uploads({ records, leases, upload: { bucket: upload, disk: upload }, abort: { bucket: abort, disk: abort } });
  const state = async () => {
    await vi.advanceTimersByTimeAsync(250);
    return uploads.getSnapshot().tasks.map((task) => task.state);
  };
  return { uploads, running, aborted, state };
}
const wanted = (...keys: string[]) => keys.map((key) => ({ key, file: fileOf(new Uint8Array(3), key) }));

let records: Tools['records'];
const secured = (locks: LockManager) => () => openLeases(locks);
const plain = (channels: () => Channel) => () => openLeases(undefined, channels);
beforeEach(() => {
  vi.useFakeTimers();
  records = memoryRecords();
  return () => void vi.useRealTimers();
});

test('signing out and the end of the session stop everything; only the same principal goes on', async () => {
  const one = tab(records, openLeases(browserLocks()));
  await one.uploads.begin('ada');
  one.uploads.add('bucket', 'b', wanted('1', '2', '3', '4'));
  expect(await one.state()).toEqual(['sending', 'sending', 'sending', 'waiting']);
  one.running[0]!.end(new ApiError('who are you', 401));
  expect(await one.state()).toEqual(['paused', 'paused', 'paused', 'paused']);
  expect(one.running.slice(1).every(({ work }) => work.signal.aborted)).toBe(true);
  expect(one.uploads.getSnapshot().tasks[0]!.note).toMatch(/session has ended/);
  // Without a session nothing goes on, whatever is pressed.
  one.uploads.resumeAll();
  expect(await one.state()).toEqual(['paused', 'paused', 'paused', 'paused']);
  await one.uploads.begin('ada');
  one.uploads.resumeAll();
  expect(await one.state()).toEqual(['sending', 'sending', 'sending', 'waiting']);
  await one.uploads.begin('grace');
  expect(await one.state()).toEqual([]);
  expect(one.running.every(({ work, principal }) => work.signal.aborted && principal === 'ada')).toBe(true);
  expect(one.uploads.getSnapshot().interrupted).toEqual([]);
  one.uploads.forget();
  await one.uploads.begin('ada');
  await one.state();
  expect(one.uploads.getSnapshot().interrupted.map((record) => record.key)).toEqual(['1', '2', '3']);
});

test('a break pauses all of them, says so, and they go on with the network', async () => {
  const one = tab(records, openLeases(browserLocks()));
  await one.uploads.begin('ada');
  one.uploads.add('bucket', 'b', wanted('1', '2'));
  await one.state();
  one.running[0]!.end(new ApiError('no network', 0));
  expect(await one.state()).toEqual(['paused', 'paused']);
  expect(one.uploads.getSnapshot().tasks.map((task) => task.note)).toEqual([expect.stringMatching(/cannot be reached/), expect.stringMatching(/cannot be reached/)]);
  one.uploads.resumeBroken();
  expect(await one.state()).toEqual(['sending', 'sending']);
  // What somebody paused stays paused.
  one.uploads.pauseAll();
  one.uploads.resumeBroken();
  expect(await one.state()).toEqual(['paused', 'paused']);
});

test('what is replaced is what was there when it was asked', async () => {
  const one = tab(records, openLeases(browserLocks()));
  await one.uploads.begin('ada');
  one.uploads.add('bucket', 'b', wanted('1'));
  await one.state();
  for (const etag of ['"a"', '"b"', null]) {
    one.running.at(-1)!.end(new ExistsError('1', etag));
    expect(await one.state()).toEqual(['exists']);
    one.uploads.replaceAll();
    await one.state();
    expect(one.running.at(-1)!.work.replace).toEqual({ etag });
  }
});

for (const [kind, browser] of [['locks', () => secured(browserLocks())], ['messages, on plain HTTP', () => plain(browserChannels())]] as const) {
  test(`another tab neither offers nor ends what this one sends: by ${kind}`, async () => {
    const leases = browser();
    const first = tab(records, leases());
    const second = tab(records, leases());
    await first.uploads.begin('ada');
    first.uploads.add('bucket', 'b', wanted('1'));
    expect(await first.state()).toEqual(['sending']);
    const stored = await records.all();
    expect(stored).toHaveLength(1);

    const beginning = second.uploads.begin('ada');
    await vi.advanceTimersByTimeAsync(1000);
    await beginning;
    await second.state();
    expect(second.uploads.getSnapshot().interrupted).toEqual([]);
    const discarding = second.uploads.discard(stored[0]!).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await discarding).toMatch(/Another tab/);
    expect(second.aborted).toEqual([]);
    expect(first.running[0]!.work.signal.aborted).toBe(false);

    // Paused it is still this tab's; gone, it is offered.
    first.uploads.pauseAll();
    await first.state();
    const again = second.uploads.lookAgain();
    await vi.advanceTimersByTimeAsync(1000);
    await again;
    expect(second.uploads.getSnapshot().interrupted).toEqual([]);
    first.uploads.forget();
    await first.state();
    const last = second.uploads.lookAgain();
    await vi.advanceTimersByTimeAsync(1000);
    await last;
    await second.state();
    expect(second.uploads.getSnapshot().interrupted).toHaveLength(1);
    second.uploads.add('bucket', 'b', wanted('1'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(second.running).toHaveLength(1);
  });

  test(`of two tabs that go on with the same at once, one does: by ${kind}`, async () => {
    for (let round = 0; round < 20; round++) {
      const leases = browser();
      const taking = Promise.all([leases().take('id', false), leases().take('id', false), leases().take('id', false)]);
      await vi.advanceTimersByTimeAsync(1000);
      expect((await taking).filter((taken) => taken !== null)).toHaveLength(1);
    }
  });
}

test('a tab that is opened while another one asks learns that it is too late', async () => {
  for (let round = 0; round < 20; round++) {
    const leases = plain(browserChannels());
    const first = leases().take('id', false);
    await vi.advanceTimersByTimeAsync(100);
    const second = leases().take('id', false);
    await vi.advanceTimersByTimeAsync(1000);
    expect([await first, await second].filter((taken) => taken !== null)).toHaveLength(1);
  }
});

test('a page does not go on as somebody who signed in in another tab', async () => {
  let session = { arn: 'ada' } as Session | null;
  let told = 0;
  let asked = 0;
  const identity = new Identity(async () => (asked++, session), () => told++);
  const url = (key: string) => `https://s3.example/b/k?X-Amz-Credential=${key}%2F20260101%2Fr%2Fs3%2Faws4_request`;
  identity.begin('ada');
  await Promise.all([identity.check(url('K1')), identity.check(url('K1'))]);
  await identity.check(url('K1'));
  expect(asked).toBe(1);
  // Another session of the same principal is one to go on with.
  await identity.check(url('K2'));
  expect([asked, told]).toEqual([2, 0]);
  session = { arn: 'grace' } as Session;
  await expect(identity.check(url('K3'))).rejects.toMatchObject({ status: 401 });
  expect(told).toBe(1);
  session = null;
  await expect(identity.check(url('K4'))).rejects.toMatchObject({ status: 401 });
});

test('an upload that the server refuses to end is not offered any more; one that could not be asked is', async () => {
  const one = tab(records, openLeases(browserLocks()));
  let refusal: ApiError | null = null;
  one.uploads['tools'].abort.bucket = async () => {
    if (refusal) throw refusal;
  };
  const offered = async () => {
    await vi.advanceTimersByTimeAsync(250);
    return one.uploads.getSnapshot().interrupted.map((record) => record.key);
  };
  const interrupt = async (key: string) => {
    await one.uploads.begin('ada');
    one.uploads.add('bucket', 'b', wanted(key));
    await one.state();
    one.uploads.forget();
    await one.uploads.begin('ada');
    return (await records.all()).find((record) => record.key === key)!;
  };
  for (const [status, code] of [[403, 'AccessDenied'], [400, 'InvalidRequest']] as const) {
    const record = await interrupt('refused');
    expect(await offered()).toEqual(['refused']);
    refusal = new ApiError('no', status, 'R', code);
    await expect(one.uploads.discard(record)).rejects.toBe(refusal);
    expect([await offered(), await records.all()]).toEqual([[], []]);
  }
  for (const status of [0, 503, 401]) {
    refusal = null;
    const record = await interrupt('later');
    refusal = new ApiError('later', status);
    await expect(one.uploads.discard(record)).rejects.toBe(refusal);
    expect(await offered()).toEqual(['later']);
    refusal = null;
    await one.uploads.discard(record);
    expect([await offered(), await records.all()]).toEqual([[], []]);
  }
  // Cancelled while it is sent: the same.
  for (const [status, left] of [[403, []], [0, ['sent']]] as const) {
    one.uploads.add('bucket', 'b', wanted('sent'));
    const id = (await one.state(), one.uploads.getSnapshot().tasks[0]!.id);
    refusal = new ApiError('no', status, 'R', 'X');
    await expect(one.uploads.cancel(id)).rejects.toBe(refusal);
    expect([await one.state(), await offered()]).toEqual([[], left]);
  }
});

test('all are cancelled, skipped or tried again at once', async () => {
  const one = tab(records, openLeases(browserLocks()));
  await one.uploads.begin('ada');
  one.uploads.add('bucket', 'b', wanted('1', '2', '3', '4', '5'));
  await one.state();
  one.running[0]!.end();
  one.running[1]!.end(new ExistsError('2', '"a"'));
  one.running[2]!.end(new ApiError('no', 403, 'R', 'AccessDenied'));
  expect(await one.state()).toEqual(['done', 'exists', 'failed', 'sending', 'sending']);
  await one.uploads.skipAll();
  one.uploads.retryAll();
  expect(await one.state()).toEqual(['done', 'sending', 'sending', 'sending']);
  const begun = one.running.length;
  await one.uploads.cancelAll();
  expect(await one.state()).toEqual(['done']);
  // None began in the place of another, and nothing of them is left.
  expect(one.running).toHaveLength(begun);
  expect(one.running.slice(3).every(({ work }) => work.signal.aborted)).toBe(true);
  expect(await records.all().then((all) => all.map((record) => record.key))).toEqual(['1']);
});
