import { ApiError, onSignedOut } from '../api/client';
import { s3, s3Document } from '../s3/client';
import { fits, type UploadRecord } from './records';
import { isRunning, tools, type Snapshot, type Task, type Tools, type Wanted } from './tasks';
import { isPassing, sendS3, Slots } from './transport';
import { ExistsError, type Replace, type Surroundings, type Work } from './work';

interface Entry {
  view: Task;
  file: File;
  /** The id of its record, by which it is this tab's. */
  recordId: string;
  record: UploadRecord | null;
  replace: Replace | null;
  /** What is there, where something is. */
  seen: Replace;
  stop: AbortController | null;
  giveBack: (() => void) | null;
}

const broken = 'The server cannot be reached. It goes on when the network is back, or when you resume it.';
const ended = 'Your session has ended. Resume it when you are signed in again.';

/** All uploads of this page, outside of React, so that they go on from page to page. They are of one principal: whoever signs in next has none of them. */
export class Uploads {
  private entries = new Map<string, Entry>();
  private interrupted: UploadRecord[] = [];
  private listeners = new Set<() => void>();
  private snapshot: Snapshot = { tasks: [], interrupted: [], bytesPerSecond: 0 };
  private slots = new Slots(4);
  private active = 0;
  private principal = '';
  private isSignedIn = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private samples: { time: number; bytes: number }[] = [];
  private arrived = 0;
  /** Called with the place of each upload that ended well. */
  onDone: (place: string, key: string) => void = () => undefined;

  constructor(private readonly tools: Tools) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  readonly getSnapshot = () => this.snapshot;

  /** Begins to work for whoever has signed in: reads what was interrupted of theirs. What is here of somebody else ends. */
  async begin(principal: string) {
    if (principal !== this.principal) this.forget();
    this.principal = principal;
    this.isSignedIn = true;
    await this.lookAgain();
  }

  /** Reads what was interrupted, of this principal, and that no other tab goes on with. */
  async lookAgain() {
    const principal = this.principal;
    const all = (await this.tools.records.all()).filter((record) => record.principal === principal);
    const taken = await this.tools.leases.takenOf(all.map((record) => record.id));
    if (principal !== this.principal) return;
    const own = new Set([...this.entries.values()].map((entry) => entry.recordId));
    this.interrupted = all.filter((record) => !own.has(record.id) && !taken.has(record.id));
    this.notify();
  }

  /** The session has ended: everything stops at once, and waits for the same principal. */
  suspend() {
    this.isSignedIn = false;
    this.stopAll(ended);
  }

  /** Everything stops at once, and nothing of it is left here. Records stay, for whom they belong to. */
  forget() {
    this.isSignedIn = false;
    for (const entry of this.entries.values()) this.drop(entry);
    this.entries.clear();
    this.interrupted = [];
    this.principal = '';
    this.notify();
  }

  private drop(entry: Entry) {
    entry.stop?.abort();
    entry.giveBack?.();
    entry.giveBack = null;
  }

  private stopAll(note: string) {
    for (const entry of this.entries.values())
      if (isRunning(entry.view.state)) {
        this.set(entry, { state: 'paused', note });
        entry.stop?.abort();
      }
  }

  add(kind: 'bucket' | 'disk', place: string, wanted: Wanted[]) {
    for (const { key, file } of wanted) {
      const before = this.interrupted.find((record) => record.kind === kind && record.place === place && record.key === key && fits(record, file));
      if (before) this.interrupted = this.interrupted.filter((record) => record !== before);
      const id = newId();
      this.entries.set(id, {
        view: { id, kind, place, key, size: file.size, state: 'waiting', sent: 0, error: null, note: null },
        file, recordId: before?.id ?? newId(), record: before ?? null, replace: before?.replace ?? null, seen: { etag: null }, stop: null, giveBack: null,
      });
    }
    this.startSome();
  }

  pause(id: string) {
    const entry = this.entries.get(id);
    if (!entry || !isRunning(entry.view.state)) return;
    this.set(entry, { state: 'paused', note: null });
    entry.stop?.abort();
  }

  resume(id: string, options: { replace?: boolean } = {}) {
    const entry = this.entries.get(id);
    if (!entry || !['paused', 'failed', 'exists'].includes(entry.view.state)) return;
    // What is replaced is what was seen when it was asked; if that has changed since, it is asked again.
    if (options.replace) entry.replace = entry.seen;
    this.set(entry, { state: 'waiting', error: null, note: null });
    this.startSome();
  }

  pauseAll() {
    for (const id of this.entries.keys()) this.pause(id);
  }
  resumeAll() {
    for (const entry of this.entries.values()) if (entry.view.state === 'paused' || entry.view.state === 'failed') this.resume(entry.view.id);
  }
  replaceAll() {
    for (const entry of this.entries.values()) if (entry.view.state === 'exists') this.resume(entry.view.id, { replace: true });
  }

  /** Goes on with what the network had stopped. */
  resumeBroken() {
    for (const entry of this.entries.values()) if (entry.view.state === 'paused' && entry.view.note === broken) this.resume(entry.view.id);
  }

  /** Tries again all that failed. */
  retryAll() {
    for (const entry of this.entries.values()) if (entry.view.state === 'failed') this.resume(entry.view.id);
  }

  /** Ends an upload and what arrived of it. */
  cancel = (id: string) => this.end((entry) => entry.view.id === id);
  /** Leaves what is there already as it is. */
  skipAll = () => this.end((entry) => entry.view.state === 'exists');
  /** Ends all uploads of this page that are not done. */
  cancelAll = () => this.end((entry) => entry.view.state !== 'done');

  /** Ends uploads, and throws why the first of those could not be whose parts stay. All of them stop before the first is ended, so that none begins in the place of another. */
  private async end(isMeant: (entry: Entry) => boolean) {
    const ended = [...this.entries.values()].filter(isMeant);
    for (const entry of ended) {
      this.entries.delete(entry.view.id);
      entry.stop?.abort();
    }
    this.notify();
    const results = await Promise.allSettled(ended.map(async (entry) => {
      try {
        if (entry.record) await this.remove(entry.record);
      } finally {
        this.drop(entry);
      }
    }));
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) return;
    // What may be ended later is among those that were interrupted.
    await this.lookAgain();
    throw failed.reason;
  }

  /** Ends an upload of before. */
  async discard(record: UploadRecord) {
    const giveBack = await this.tools.leases.take(record.id, false);
    if (!giveBack) throw new Error(elsewhere);
    try {
      await this.remove(record);
    } finally {
      giveBack();
    }
  }

  /** Ends what arrived, and forgets the upload. What the server refuses now it would refuse again: the upload is not offered any more, and why its parts stay is thrown. */
  private async remove(record: UploadRecord) {
    let refusal: unknown = null;
    try {
      await this.tools.abort[record.kind](record);
    } catch (error) {
      if (isPassing(error) || (error instanceof ApiError && error.status === 401)) throw error;
      refusal = error;
    }
    await this.tools.records.delete(record.id);
    this.interrupted = this.interrupted.filter((other) => other.id !== record.id);
    this.notify();
    if (refusal !== null) throw refusal;
  }

  clearDone() {
    for (const [id, entry] of this.entries) if (entry.view.state === 'done') this.entries.delete(id);
    this.notify();
  }

  get isBusy() {
    return this.active > 0;
  }

  private startSome() {
    if (!this.isSignedIn) this.stopAll(ended);
    for (const entry of this.entries.values()) {
      if (this.active >= 3) break;
      if (entry.view.state === 'waiting' && !entry.stop) void this.run(entry);
    }
    this.notify();
  }

  private async run(entry: Entry) {
    this.active++;
    const stop = new AbortController();
    entry.stop = stop;
    this.set(entry, { state: 'sending' });
    let last = 0;
    const work: Work = {
      place: entry.view.place, key: entry.view.key, file: entry.file, contentType: entry.file.type || 'application/octet-stream', replace: entry.replace, record: entry.record, signal: stop.signal,
      onProgress: (sent) => {
        if (entry.view.state !== 'checking' && sent > last) this.arrived += sent - last;
        last = Math.max(last, sent);
        this.set(entry, { sent });
      },
      onChecking: (isChecking) => {
        if (entry.view.state === 'sending' || entry.view.state === 'checking') this.set(entry, { state: isChecking ? 'checking' : 'sending' });
      },
      onRecord: (record) => (entry.record = record),
    };
    try {
      entry.giveBack ??= await this.tools.leases.take(entry.recordId, entry.record === null);
      if (!entry.giveBack) throw new Error(elsewhere);
      stop.signal.throwIfAborted();
      await this.tools.upload[entry.view.kind](work, this.surroundings(entry));
      this.set(entry, { state: 'done', sent: entry.view.size, note: null });
      this.drop(entry);
      this.onDone(entry.view.place, entry.view.key);
    } catch (error) {
      if (!stop.signal.aborted) this.fail(entry, error);
    } finally {
      entry.replace = work.replace;
      this.active--;
      entry.stop = null;
      this.startSome();
    }
  }

  private fail(entry: Entry, error: unknown) {
    if (error instanceof ExistsError) {
      entry.seen = { etag: error.etag };
      return this.set(entry, { state: 'exists' });
    }
    if (error instanceof ApiError && error.status === 401) return this.suspend();
    // Where one cannot reach the server, the others cannot either.
    if (error instanceof ApiError && error.status === 0) return this.stopAll(broken);
    this.set(entry, { state: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
  }

  private surroundings(entry: Entry): Surroundings {
    return {
      slots: this.slots, records: this.tools.records, principal: this.principal, document: s3Document, plain: s3, send: sendS3, now: Date.now, newId: () => entry.recordId,
    };
  }

  private set(entry: Entry, change: Partial<Task>) {
    entry.view = { ...entry.view, ...change };
    this.notify();
  }

  /** Tells at most five times a second. */
  private notify() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      const now = Date.now();
      this.samples = [...this.samples.filter((sample) => now - sample.time < 5000), { time: now, bytes: this.arrived }];
      const oldest = this.samples[0]!;
      this.snapshot = {
        tasks: [...this.entries.values()].map((entry) => entry.view),
        interrupted: this.interrupted,
        bytesPerSecond: now > oldest.time ? ((this.arrived - oldest.bytes) * 1000) / (now - oldest.time) : 0,
      };
      this.listeners.forEach((listener) => listener());
    }, 200);
  }
}

const elsewhere = 'Another tab of this browser goes on with this upload.';
const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

export const uploads = new Uploads(tools());
onSignedOut(() => uploads.suspend());
