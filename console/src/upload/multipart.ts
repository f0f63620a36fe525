import { ApiError } from '../api/client';
import { crc32OfBlob } from '../s3/crc32';
import { document, type XmlNode } from '../s3/xml';
import { compositeOf, finish, isUploadGone, look } from './finish';
import { partSizeOf, partsOf, wholeLimit } from './plan';
import type { UploadRecord } from './records';
import { retrying } from './transport';
import { ExistsError, type Surroundings, type Work } from './work';

interface ListedPart {
  number: number;
  size: number;
  etag: string;
  crc: string | null;
}

function parseParts(root: XmlNode): { parts: ListedPart[]; next: string | null } {
  return {
    parts: root.all('Part').map((part) => ({ number: part.number('PartNumber'), size: part.number('Size'), etag: part.text('ETag') ?? '', crc: part.text('ChecksumCRC32') })),
    next: root.flag('IsTruncated') ? root.text('NextPartNumberMarker') : null,
  };
}

/** Uploads a file to a bucket: with one request, or in parts; goes on with an upload of before where `record` has one. */
export async function uploadToBucket(work: Work, around: Surroundings): Promise<void> {
  if (work.file.size <= wholeLimit) return whole(work, around);
  try {
    await parts(work, around);
  } catch (error) {
    // An upload that was ended elsewhere, by a lifecycle rule for example, is begun anew; one that was begun just now is not.
    if (!isUploadGone(error) || !work.record) throw error;
    await beginAnew(work, around);
  }
}

/** S3 no longer knows the upload: it was ended, or completed and the answer was lost. What is there is compared before all is sent again. */
async function beginAnew(work: Work, around: Surroundings) {
  const record = work.record!;
  const there = await look(work, around);
  const plan = partsOf(work.file.size, record.partSize);
  const isLike = there?.size === work.file.size && there.crc?.endsWith(`-${plan.length}`);
  let isOurs = false;
  if (there && isLike) {
    work.onChecking(true);
    const crcs: string[] = [];
    for (const part of plan) crcs.push(await crc32OfBlob(work.file.slice(part.from, part.to), work.signal));
    isOurs = compositeOf(crcs) === there.crc;
    work.onChecking(false);
  }
  await around.records.delete(record.id);
  work.onRecord(null);
  work.record = null;
  if (isOurs) return;
  // Whoever may not see what is there does not know whether it is what was to be replaced.
  if (there === undefined) work.replace = null;
  else if (there && there.etag !== work.replace?.etag) throw new ExistsError(work.key, there.etag);
  await parts(work, around);
}

async function whole(work: Work, around: Surroundings) {
  const crc = await crc32OfBlob(work.file, work.signal);
  await around.slots.use(() =>
    finish(work, around, crc, (condition) =>
      around.send(
        { method: 'PUT', bucket: work.place, key: work.key, headers: { 'content-type': work.contentType, 'x-amz-checksum-crc32': crc, ...condition } },
        work.file, work.onProgress, work.signal,
      ),
    ),
  );
}

async function parts(work: Work, around: Surroundings) {
  const { file, signal } = work;
  const record = work.record ?? (await begin(work, around));
  const plan = partsOf(file.size, record.partSize);
  const target = { bucket: record.place, key: record.key };
  const done = new Map<number, { etag: string; crc: string }>();
  const progress = new Map<number, number>();
  const report = () => work.onProgress([...progress.values()].reduce((sum, bytes) => sum + bytes, 0));

  if (work.record) {
    work.onChecking(true);
    const listed = await listParts(target, record.uploadId, around, signal);
    for (const part of plan) {
      const there = listed.get(part.number);
      if (!there || there.size !== part.to - part.from || there.crc === null) continue;
      if ((await crc32OfBlob(file.slice(part.from, part.to), signal)) !== there.crc) continue;
      done.set(part.number, { etag: there.etag, crc: there.crc });
      progress.set(part.number, there.size);
    }
    work.onChecking(false);
    report();
  }

  const cancel = new AbortController();
  const stop = AbortSignal.any([signal, cancel.signal]);
  const missing = plan.filter((part) => !done.has(part.number));
  const sendNext = async () => {
    for (let part = missing.shift(); part; part = missing.shift()) {
      const { number, from, to } = part;
      await around.slots.use(async () => {
        stop.throwIfAborted();
        const body = file.slice(from, to);
        const crc = await crc32OfBlob(body, stop);
        const sent = await retrying(
          () => around.send(
            { method: 'PUT', ...target, query: { partNumber: String(number), uploadId: record.uploadId }, headers: { 'x-amz-checksum-crc32': crc } },
            body,
            (bytes) => {
              progress.set(number, bytes);
              report();
            },
            stop,
          ),
          stop, around.sleep,
        );
        progress.set(number, to - from);
        done.set(number, { etag: sent.header('ETag') ?? '', crc });
        report();
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, missing.length) }, sendNext));
  } catch (error) {
    cancel.abort();
    throw error;
  }
  await complete(work, around, record, plan.map((part) => ({ number: part.number, ...done.get(part.number)! })));
  await around.records.delete(record.id);
  work.onRecord(null);
}

async function begin(work: Work, around: Surroundings): Promise<UploadRecord> {
  // Whoever may write and not read learns at the end: the last request has the condition too.
  const there = work.replace ? null : await look(work, around);
  if (there) throw new ExistsError(work.key, there.etag);
  const root = await around.document(
    { method: 'POST', bucket: work.place, key: work.key, query: { uploads: '' }, headers: { 'content-type': work.contentType, 'x-amz-checksum-algorithm': 'CRC32' } },
    null, work.signal,
  );
  const uploadId = root.text('UploadId');
  if (!uploadId) throw new ApiError('S3 began an upload without saying its id.', 200);
  const record: UploadRecord = {
    id: around.newId(), kind: 'bucket', place: work.place, key: work.key, uploadId, name: work.file.name, size: work.file.size, lastModified: work.file.lastModified,
    partSize: partSizeOf(work.file.size), principal: around.principal, created: around.now(), replace: work.replace,
  };
  await around.records.put(record);
  work.onRecord(record);
  return record;
}

async function listParts(target: { bucket: string; key: string }, uploadId: string, around: Pick<Surroundings, 'document'>, signal?: AbortSignal) {
  const found = new Map<number, ListedPart>();
  let marker: string | null = null;
  do {
    const root: XmlNode = await around.document({ method: 'GET', ...target, query: { uploadId, ...(marker ? { 'part-number-marker': marker } : {}) } }, null, signal);
    const page = parseParts(root);
    for (const part of page.parts) found.set(part.number, part);
    marker = page.next;
  } while (marker);
  return found;
}

async function complete(work: Work, around: Surroundings, record: UploadRecord, sent: { number: number; etag: string; crc: string }[]) {
  const body = document('CompleteMultipartUpload', { Part: sent.map(({ number, etag, crc }) => ({ PartNumber: number, ETag: etag, ChecksumCRC32: crc })) });
  await finish(work, around, compositeOf(sent.map((part) => part.crc)), (condition) =>
    around.document({ method: 'POST', bucket: record.place, key: record.key, query: { uploadId: record.uploadId }, headers: condition }, body, work.signal),
  );
}
