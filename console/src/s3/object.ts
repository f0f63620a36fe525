import { ApiError } from '../api/client';
import { s3, s3Document } from './client';
import { copyObject } from './listing';
import { readVersioning, restoreRefusal } from './settings';
import type { XmlNode } from './xml';

interface Metadatum {
  /** Without `x-amz-meta-`. */
  name: string;
  value: string;
  /** As it is stored: what is not changed is sent back like that. */
  raw: string;
}

export interface ObjectFacts {
  size: number;
  type: string;
  modified: string;
  etag: string;
  versionId: string | null;
  storageClass: string;
  /** Headers that are stored with the object and sent with it. */
  headers: Record<string, string>;
  /** User metadata, in the order of the answer. A list, since a name may be any, `__proto__` too. */
  metadata: Metadatum[];
  checksums: [string, string][];
}

const kept = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];

export function factsOf(headers: Headers): ObjectFacts {
  const metadata: Metadatum[] = [];
  const checksums: [string, string][] = [];
  headers.forEach((value, name) => {
    if (name.startsWith('x-amz-meta-')) metadata.push({ name: name.slice(11), value: decodeWords(value), raw: value });
    else if (name.startsWith('x-amz-checksum-') && name !== 'x-amz-checksum-type') checksums.push([name.slice(15).toUpperCase(), value]);
  });
  return {
    size: Number(headers.get('content-length') ?? 0), type: headers.get('content-type') ?? '', modified: headers.get('last-modified') ? new Date(headers.get('last-modified')!).toISOString() : '',
    etag: (headers.get('etag') ?? '').replaceAll('"', ''), versionId: headers.get('x-amz-version-id'), storageClass: headers.get('x-amz-storage-class') ?? 'STANDARD',
    headers: Object.fromEntries(kept.flatMap((name) => (headers.get(name) ? [[name, headers.get(name)!]] : []))), metadata, checksums,
  };
}

/** Metadata beyond ASCII is sent as encoded words (RFC 2047): the two forms of UTF-8 are read, all else is shown as it is. */
export function decodeWords(value: string): string {
  return value.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (whole, form: string, text: string) => {
    try {
      const raw = form.toLowerCase() === 'b' ? atob(text) : text.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
      return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(raw, (c) => c.charCodeAt(0)));
    } catch {
      return whole;
    }
  });
}

export function encodeWord(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : `=?UTF-8?B?${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}?=`;
}

export async function readFacts(bucket: string, key: string, versionId?: string): Promise<ObjectFacts> {
  return factsOf((await s3({ method: 'HEAD', bucket, key, headers: { 'x-amz-checksum-mode': 'ENABLED' }, ...(versionId ? { query: { versionId } } : {}) })).headers);
}

/** The first bytes of an object as text. */
export async function readText(bucket: string, key: string, versionId: string | undefined, limit: number, signal?: AbortSignal): Promise<{ text: string; isCut: boolean; isBinary: boolean }> {
  const response = await s3({ method: 'GET', bucket, key, headers: { range: `bytes=0-${limit - 1}` }, ...(versionId ? { query: { versionId } } : {}) }, null, signal);
  const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, limit);
  const total = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? bytes.length);
  return { text: new TextDecoder().decode(bytes), isCut: total > bytes.length, isBinary: bytes.subarray(0, 8192).includes(0) };
}

const grantHeaders: Record<string, string> = { READ: 'x-amz-grant-read', READ_ACP: 'x-amz-grant-read-acp', WRITE_ACP: 'x-amz-grant-write-acp', FULL_CONTROL: 'x-amz-grant-full-control' };

/** The grants of an access control list as headers of a copy; none if it has what every object has, its owner's. */
export function grantsOf(acl: XmlNode): Record<string, string> {
  const owner = acl.child('Owner')?.text('ID');
  const grants = acl.child('AccessControlList')?.all('Grant').map((grant) => {
    const grantee = grant.child('Grantee');
    const uri = grantee?.text('URI');
    return { permission: grant.text('Permission') ?? '', id: grantee?.text('ID') ?? null, who: uri ? `uri="${uri}"` : `id="${grantee?.text('ID') ?? ''}"` };
  }) ?? [];
  if (grants.every(({ permission, id }) => permission === 'FULL_CONTROL' && id === owner)) return {};
  const headers: Record<string, string> = {};
  for (const { permission, who } of grants) {
    const name = grantHeaders[permission];
    if (name) headers[name] = headers[name] ? `${headers[name]}, ${who}` : who;
  }
  return headers;
}

/**
 * What a copy within the bucket would lose if it were not said again: the storage class and the access control list. Metadata, tags and
 * checksums go with it.
 */
async function keptByName(bucket: string, key: string, versionId: string | undefined, storageClass: string): Promise<Record<string, string>> {
  const acl = await s3Document({ method: 'GET', bucket, key, query: { acl: '', ...(versionId ? { versionId } : {}) } });
  return { 'x-amz-storage-class': storageClass, ...grantsOf(acl) };
}

interface MetadataChange {
  type: string;
  headers: Record<string, string>;
  metadata: { name: string; value: string }[];
}

/** The headers by which a copy of the object onto itself has other metadata, if it is still the one that was seen. */
export function metadataHeaders(facts: ObjectFacts, change: MetadataChange): Record<string, string> {
  const headers: [string, string][] = [['x-amz-metadata-directive', 'REPLACE'], ['x-amz-copy-source-if-match', `"${facts.etag}"`], ['if-match', `"${facts.etag}"`]];
  if (change.type) headers.push(['content-type', change.type]);
  for (const [name, value] of Object.entries(change.headers)) if (value) headers.push([name, value]);
  for (const { name, value } of change.metadata) {
    const before = facts.metadata.find((one) => one.name === name);
    headers.push([`x-amz-meta-${name}`, before?.value === value ? before.raw : encodeWord(value)]);
  }
  return Object.fromEntries(headers);
}

/** Replaces what is stored beside the bytes: a copy of the object onto itself. */
export async function replaceMetadata(bucket: string, key: string, facts: ObjectFacts, change: MetadataChange) {
  await copyObject({ bucket, key }, { bucket, key }, { ...metadataHeaders(facts, change), ...(await keptByName(bucket, key, undefined, facts.storageClass)) });
}

/**
 * Brings an older version back: a copy of it over the newest, with all that it has. Only where versions are kept now, whatever the page knew when it was opened: suspended, the copy would replace
 * the version null, which may be the only copy of the newest bytes.
 */
export async function restoreVersion(bucket: string, key: string, versionId: string) {
  if ((await readVersioning(bucket)) !== 'enabled') throw new ApiError(restoreRefusal, 400);
  const { storageClass } = await readFacts(bucket, key, versionId);
  await copyObject({ bucket, key, versionId }, { bucket, key }, await keptByName(bucket, key, versionId, storageClass));
}

/** Copies an object, within its bucket with its access control list, and to another with what a copy has. Returns the entity tag of the source. */
export async function copyWhole(from: { bucket: string; key: string }, to: { bucket: string; key: string }, replace: boolean): Promise<string> {
  const facts = await readFacts(from.bucket, from.key);
  const kept = from.bucket === to.bucket ? await keptByName(from.bucket, from.key, undefined, facts.storageClass) : { 'x-amz-storage-class': facts.storageClass };
  await copyObject(from, to, { 'x-amz-copy-source-if-match': `"${facts.etag}"`, ...(replace ? {} : { 'if-none-match': '*' }), ...kept });
  return facts.etag;
}

/** Renames an object: a copy, and then the end of the source, if that is still what was copied. */
export async function renameObject(bucket: string, from: string, to: string, replace: boolean) {
  const etag = await copyWhole({ bucket, key: from }, { bucket, key: to }, replace);
  try {
    await s3({ method: 'DELETE', bucket, key: from, headers: { 'if-match': `"${etag}"` } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(`The copy was made, and the source stays: ${error.status === 412 ? 'somebody changed it meanwhile.' : error.message}`, error.status, error.requestId, error.code === 'PreconditionFailed' ? 'SourceChanged' : error.code);
  }
}
