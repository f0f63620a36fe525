import { api, ApiError, call, done } from '../api/client';
import { crc32, crc32OfBlob, toBase64 } from '../s3/crc32';
import { Sha256 } from '../s3/sha256';
import { look } from './finish';
import { partSizeOf, partsOf } from './plan';
import type { UploadRecord } from './records';
import { isPassing, retrying, sendControl } from './transport';
import { ExistsError, type Surroundings, type Work } from './work';

/** Directories that are known to be there, of the disks of this page. */
const made = new Set<string>();

async function makeParents(disk: string, key: string) {
  const parent = key.slice(0, Math.max(0, key.lastIndexOf('/')));
  if (parent === '' || made.has(`${disk}/${parent}`)) return;
  await done(api.POST('/api/disks/{id}/directories', { params: { path: { id: disk } }, body: { path: parent, parents: true } }));
  made.add(`${disk}/${parent}`);
}

/** Forgets what was made: somebody removed it. */
export const forgetDirectories = () => made.clear();

/**
 * Uploads a file to a disk, one piece after another: the file appears when all of it has arrived and has the SHA-256 of what was read
 * here.
 */
export async function uploadToDisk(work: Work, around: Surroundings): Promise<void> {
  const { file, place: disk, signal } = work;
  const hash = new Sha256();
  let offset = 0;
  if (work.record) {
    work.onChecking(true);
    offset = await goOn(work, work.record, around, hash);
    work.onChecking(false);
  }
  const record = work.record ?? (await begin(work, around));
  const crcs = record.crcs ?? [];
  for (const part of partsOf(file.size, record.partSize)) {
    if (part.to <= offset) continue;
    const from = Math.max(part.from, offset);
    await around.slots.use(async () => {
      // A part of which some has arrived was hashed up to there.
      crcs[part.number - 1] = await read(file.slice(part.from, part.to), signal, hash, from - part.from);
      let at = from;
      await retrying(async () => {
        try {
          await sendControl('PUT', `/api/disks/${encodeURIComponent(disk)}/uploads/${encodeURIComponent(record.uploadId)}?offset=${at}`, file.slice(at, part.to), (bytes) => work.onProgress(at + bytes), signal);
        } catch (error) {
          // Some of it may have arrived.
          if (!signal.aborted && isPassing(error)) at = (await there(record)) ?? at;
          if (at < part.to) throw error;
        }
      }, signal, around.sleep);
    });
    work.onProgress(part.to);
    await around.records.put({ ...record, crcs });
  }
  await complete(work, around, record, hash.hex());
  await around.records.delete(record.id);
  work.onRecord(null);
}

/** Where an upload of before goes on; from the beginning, without a record, if what arrived is not of this file. */
async function goOn(work: Work, record: UploadRecord, around: Surroundings, hash: Sha256): Promise<number> {
  const found = await there(record);
  if (found !== null && record.lastModified === work.file.lastModified && (await startsWith(work.file, found, record, work.signal))) {
    for (let at = 0; at < found; at += piece) hash.update(await bytesOf(work.file.slice(at, Math.min(found, at + piece)), work.signal));
    return found;
  }
  if (found !== null) await abortDiskUpload(record.place, record.uploadId);
  await dropRecord(work, record, around);
  return 0;
}

async function dropRecord(work: Work, record: UploadRecord, around: Surroundings) {
  await around.records.delete(record.id);
  work.record = null;
  work.onRecord(null);
}

async function complete(work: Work, around: Surroundings, record: UploadRecord, sha256: string) {
  const path = { params: { path: { id: record.place, upload: record.uploadId } } };
  let isLost = false;
  try {
    const file = await retrying(async () => {
      try {
        return await call(api.POST('/api/disks/{id}/uploads/{upload}/complete', { ...path, body: { sha256, replace: work.replace !== null } }));
      } catch (error) {
        isLost ||= isPassing(error);
        throw error;
      }
    }, work.signal, around.sleep);
    if (file.size !== work.file.size) throw new ApiError(`The file on the disk has ${file.size} bytes, and not ${work.file.size}.`, 200);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 400) {
      await abortDiskUpload(record.place, record.uploadId);
      await dropRecord(work, record, around);
      throw new ApiError('What arrived is not what was read here: the file changed while it was sent, or bytes did on the way. It was not stored. Try again to send it anew.', 400, error.requestId);
    }
    if (error.status === 404 && isLost) {
      // The server remembers what it answered until it restarts. What it wrote cannot be compared, so nothing is sent over it unasked.
      await dropRecord(work, record, around);
      throw new ExistsError(work.key, (await look(work, around))?.etag ?? null);
    }
    throw asExists(error, work.key);
  }
}

const asExists = (error: unknown, key: string) => (error instanceof ApiError && error.status === 409 && /exists already/.test(error.message) ? new ExistsError(key, null) : error);

async function begin(work: Work, around: Surroundings, isAgain = false): Promise<UploadRecord> {
  const found = work.replace ? null : await look(work, around);
  if (found) throw new ExistsError(work.key, found.etag);
  await makeParents(work.place, work.key);
  try {
    const upload = await call(api.POST('/api/disks/{id}/uploads', {
      params: { path: { id: work.place } },
      body: { path: work.key, replace: work.replace !== null, length: work.file.size, label: work.file.name.slice(0, 256) },
    }));
    const record: UploadRecord = {
      id: around.newId(), kind: 'disk', place: work.place, key: work.key, uploadId: upload.uploadId, name: work.file.name, size: work.file.size, lastModified: work.file.lastModified,
      partSize: partSizeOf(work.file.size), principal: around.principal, created: around.now(), replace: work.replace, crcs: [],
    };
    await around.records.put(record);
    work.onRecord(record);
    return record;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && !isAgain) {
      forgetDirectories();
      return begin(work, around, true);
    }
    throw asExists(error, work.key);
  }
}

/** How much of an upload has arrived; null if it is gone. */
async function there(record: UploadRecord): Promise<number | null> {
  try {
    return (await call(api.GET('/api/disks/{id}/uploads/{upload}', { params: { path: { id: record.place, upload: record.uploadId } } }))).offset;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function startsWith(file: File, offset: number, record: UploadRecord, signal: AbortSignal) {
  for (const part of partsOf(file.size, record.partSize)) {
    if (part.to > offset) return true;
    const crc = record.crcs?.[part.number - 1];
    if (crc !== undefined && crc !== (await crc32OfBlob(file.slice(part.from, part.to), signal))) return false;
  }
  return true;
}

const piece = 1 << 20;
async function bytesOf(blob: Blob, signal: AbortSignal) {
  signal.throwIfAborted();
  return new Uint8Array(await blob.arrayBuffer());
}

/** The CRC-32 of a part; what is after the first `skip` bytes goes into the hash of the file. */
async function read(part: Blob, signal: AbortSignal, hash: Sha256, skip: number): Promise<string> {
  let crc = 0;
  for (let at = 0; at < part.size; at += piece) {
    const bytes = await bytesOf(part.slice(at, Math.min(part.size, at + piece)), signal);
    crc = crc32(bytes, crc);
    if (at + bytes.length > skip) hash.update(bytes.subarray(Math.max(0, skip - at)));
  }
  return toBase64(crc);
}

/** Ends an upload and what arrived of it; one that is gone already is ended. */
export async function abortDiskUpload(disk: string, upload: string) {
  try {
    await done(api.DELETE('/api/disks/{id}/uploads/{upload}', { params: { path: { id: disk, upload } } }));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
