import type { Replace } from './work';

/** What is needed to go on with an upload after the page was closed. Bytes are not kept: the same file is picked again. */
export interface UploadRecord {
  id: string;
  kind: 'bucket' | 'disk';
  /** The bucket, or the disk's id. */
  place: string;
  key: string;
  uploadId: string;
  name: string;
  size: number;
  lastModified: number;
  partSize: number;
  /** Who began it: another principal is not offered it. */
  principal: string;
  created: number;
  /** What may be replaced; null: nothing. */
  replace: Replace | null;
  /** On a disk, the checksums of the parts that arrived: it has no list of parts to compare with. */
  crcs?: string[];
}

export interface RecordStore {
  all(): Promise<UploadRecord[]>;
  put(record: UploadRecord): Promise<void>;
  delete(id: string): Promise<void>;
}

const wait = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });

/** Records in the browser's database; in memory where it has none, as in some private windows. */
export function openRecords(factory: IDBFactory | undefined = globalThis.indexedDB): RecordStore {
  const memory = new Map<string, UploadRecord>();
  const opening = factory ? open(factory).catch(() => null) : Promise.resolve(null);
  async function store(mode: IDBTransactionMode) {
    return (await opening)?.transaction('uploads', mode).objectStore('uploads') ?? null;
  }
  return {
    async all() {
      const found = await store('readonly');
      return found ? wait(found.getAll() as IDBRequest<UploadRecord[]>) : [...memory.values()];
    },
    async put(record) {
      const found = await store('readwrite');
      if (found) await wait(found.put(record));
      else memory.set(record.id, record);
    },
    async delete(id) {
      const found = await store('readwrite');
      if (found) await wait(found.delete(id));
      else memory.delete(id);
    },
  };
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open('tarn-console', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('uploads', { keyPath: 'id' });
  return wait(request);
}

/** Whether a file that was picked can be the one of a record. Its parts are compared besides. */
export const fits = (record: UploadRecord, file: { size: number; name: string }) => record.size === file.size && record.name === file.name;
