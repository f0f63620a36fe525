import { ApiError } from '../api/client';
import { crc32, toBase64 } from '../s3/crc32';
import { ExistsError, type Surroundings, type Work } from './work';
import { isPassing, retrying } from './transport';

/** What is at a key now, as far as its checksum says: null for nothing, undefined where that may not be read. */
export interface There {
  size: number;
  etag: string | null;
  crc: string | null;
}

export async function look(work: Work, around: Surroundings): Promise<There | null | undefined> {
  try {
    const { headers } = await around.plain({ method: 'HEAD', bucket: work.place, key: work.key, headers: { 'x-amz-checksum-mode': 'ENABLED' } }, null, work.signal);
    return { size: Number(headers.get('content-length') ?? -1), etag: headers.get('etag'), crc: headers.get('x-amz-checksum-crc32') };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

/** The condition of the request that makes the object: nothing is replaced unasked, and if it is asked, only what was seen. */
function conditionOf({ replace }: Pick<Work, 'replace'>): Record<string, string> {
  if (!replace) return { 'if-none-match': '*' };
  return replace.etag ? { 'if-match': replace.etag } : {};
}

/** The checksum of an object that was sent in parts with these: that of their checksums. */
export function compositeOf(crcs: string[]): string {
  const bytes = Uint8Array.from(crcs.flatMap((text) => [...atob(text)].map((c) => c.charCodeAt(0))));
  return `${toBase64(crc32(bytes))}-${crcs.length}`;
}

export const isUploadGone = (error: unknown) => error instanceof ApiError && error.code === 'NoSuchUpload';

/**
 * Sends the request that makes the object. Its answer may be lost after it was done: whatever refuses it later, what is there is compared
 * first, and if it is these bytes the upload is done.
 */
export async function finish(work: Work, around: Surroundings, crc: string, send: (condition: Record<string, string>) => Promise<unknown>): Promise<void> {
  try {
    await retrying(() => send(conditionOf(work)), work.signal, around.sleep);
  } catch (error) {
    if (!(error instanceof ApiError) || isPassing(error)) throw error;
    const isConflict = error.status === 412 || error.code === 'ConditionalRequestConflict';
    // What was to be replaced is gone. That nothing new took its place is the condition now.
    const isAbsent = work.replace?.etag && error.status === 404 && !isUploadGone(error) && error.code !== 'NoSuchBucket';
    if (!isConflict && !isUploadGone(error) && !isAbsent) throw error;
    const there = await look(work, around);
    if (there && there.size === work.file.size && there.crc === crc) return;
    if (there || isConflict) throw new ExistsError(work.key, there?.etag ?? null);
    if (!isAbsent) throw error;
    work.replace = null;
    return finish(work, around, crc, send);
  }
}
