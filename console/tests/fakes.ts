import { ApiError } from '../src/api/client';
import { crc32Base64 } from '../src/s3/crc32';
import type { S3Call } from '../src/s3/client';
import { parseXml } from '../src/s3/xml';
import { compositeOf } from '../src/upload/finish';
import type { RecordStore, UploadRecord } from '../src/upload/records';
import type { Surroundings } from '../src/upload/work';

interface Stored {
  bytes: Uint8Array;
  etag: string;
  crc: string | null;
}

/** An S3 of one bucket in memory, which can be told to fail, before or after it has done what it was asked. */
export class FakeS3 {
  objects = new Map<string, Stored>();
  uploads = new Map<string, Map<number, { bytes: Uint8Array; crc: string }>>();
  puts: number[] = [];
  mayRead = true;
  fail: (call: S3Call) => ApiError | null = () => null;
  failAfter: (call: S3Call) => ApiError | null = () => null;
  private made = 0;

  put(key: string, bytes: Uint8Array, crc: string | null = null) {
    this.objects.set(key, { bytes, crc, etag: `"v${++this.made}"` });
  }
  private check(error: ApiError | null) {
    if (error) throw error;
  }
  private condition(call: S3Call) {
    const there = this.objects.get(call.key!);
    if (call.headers?.['if-none-match'] && there) throw new ApiError('there', 412, 'R', 'PreconditionFailed');
    const match = call.headers?.['if-match'];
    if (match && !there) throw new ApiError('none', 404, 'R', 'NoSuchKey');
    if (match && there!.etag !== match) throw new ApiError('other', 412, 'R', 'PreconditionFailed');
  }
  document: Surroundings['document'] = async (call, body) => {
    this.check(this.fail(call));
    const upload = call.query?.uploadId;
    if (call.method === 'POST' && call.query?.uploads !== undefined) {
      const id = `u${++this.made}`;
      this.uploads.set(id, new Map());
      return parseXml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)!;
    }
    const parts = this.uploads.get(upload ?? '');
    if (!parts) throw new ApiError('gone', 404, 'R', 'NoSuchUpload');
    if (call.method === 'GET') return parseXml(`<ListPartsResult>${[...parts].map(([n, p]) => `<Part><PartNumber>${n}</PartNumber><Size>${p.bytes.length}</Size><ETag>"e${n}"</ETag><ChecksumCRC32>${p.crc}</ChecksumCRC32></Part>`).join('')}</ListPartsResult>`)!;
    this.condition(call);
    const asked = parseXml(body ?? '')!.all('Part').map((part) => part.number('PartNumber'));
    this.put(call.key!, Uint8Array.from(Buffer.concat(asked.map((n) => parts.get(n)!.bytes))), compositeOf(asked.map((n) => parts.get(n)!.crc)));
    this.uploads.delete(upload!);
    this.check(this.failAfter(call));
    return parseXml('<CompleteMultipartUploadResult/>')!;
  };
  plain: Surroundings['plain'] = async (call) => {
    const there = this.objects.get(call.key!);
    if (!this.mayRead) throw new ApiError('no', 403, 'R', 'AccessDenied');
    if (!there) throw new ApiError('none', 404, 'R', 'NotFound');
    return new Response(null, { headers: { 'content-length': String(there.bytes.length), etag: there.etag, ...(there.crc && call.headers?.['x-amz-checksum-mode'] ? { 'x-amz-checksum-crc32': there.crc } : {}) } });
  };
  send: Surroundings['send'] = async (call, body, onProgress, signal) => {
    signal.throwIfAborted();
    this.check(this.fail(call));
    const bytes = new Uint8Array(await body.arrayBuffer());
    const crc = crc32Base64(bytes);
    if (crc !== call.headers?.['x-amz-checksum-crc32']) throw new ApiError('bad', 400, 'R', 'BadDigest');
    onProgress(bytes.length);
    if (call.query?.partNumber) {
      this.puts.push(Number(call.query.partNumber));
      this.uploads.get(call.query.uploadId!)!.set(Number(call.query.partNumber), { bytes, crc });
    } else {
      this.condition(call);
      this.put(call.key!, bytes, crc);
    }
    this.check(this.failAfter(call));
    return { header: (name) => (name === 'ETag' ? `"e${call.query?.partNumber}"` : null), text: '' };
  };
}

export function memoryRecords(): RecordStore {
  const kept = new Map<string, UploadRecord>();
  return { all: async () => [...kept.values()], put: async (record) => void kept.set(record.id, record), delete: async (id) => void kept.delete(id) };
}

/** A file of jsdom has no arrayBuffer on its slices, so this is one of our own. */
export function fileOf(bytes: Uint8Array, name = 'f.bin'): File {
  const part = (from: number, to: number): unknown => ({ size: to - from, slice: (a: number, b: number) => part(from + a, Math.min(to, from + b)), arrayBuffer: async () => bytes.slice(from, to).buffer });
  return Object.assign(part(0, bytes.length) as object, { name, lastModified: 1, type: '' }) as File;
}

export function sample(size: number, seed = 0) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = i * 13 + (i >> 11) + seed;
  return bytes;
}

/** Lets everything run that waits for nothing but promises. */
export const settle = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};
