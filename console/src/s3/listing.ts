import { ApiError } from '../api/client';
import { s3, s3Answer, s3Document } from './client';
import { checksumHeader } from './crc32';
import { document, type XmlNode } from './xml';

export interface Folder {
  kind: 'folder';
  prefix: string;
}
interface ObjectEntry {
  kind: 'object';
  key: string;
  size: number;
  modified: string;
}
export type Entry = Folder | ObjectEntry;

export interface Page {
  entries: Entry[];
  /** The token by which the page after it is asked for; null if it is the last. */
  next: string | null;
}

/** Names arrive percent-encoded, since XML cannot represent every character of a key. `+` stands for itself. */
export function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const keyOf = (entry: Entry) => (entry.kind === 'folder' ? entry.prefix : entry.key);
export const nameOf = (entry: Entry, prefix: string) => keyOf(entry).slice(prefix.length);

export function parsePage(root: XmlNode, folder: string): Page {
  const entries: Entry[] = root.all('CommonPrefixes').map((node) => ({ kind: 'folder', prefix: decodeName(node.text('Prefix') ?? '') }));
  for (const node of root.all('Contents')) {
    const key = decodeName(node.text('Key') ?? '');
    // The marker that some programs make for a folder is the folder that is shown.
    if (key === folder && key.endsWith('/') && node.number('Size') === 0) continue;
    entries.push({ kind: 'object', key, size: node.number('Size'), modified: node.text('LastModified') ?? '' });
  }
  return { entries, next: root.flag('IsTruncated') ? root.text('NextContinuationToken') || null : null };
}

/** One page of a folder, or `flat` of everything that is below it; the first without a token. */
export async function listPage(bucket: string, folder: string, search: string, token: string | null, flat: boolean, signal?: AbortSignal): Promise<Page> {
  const query: Record<string, string> = { 'list-type': '2', 'encoding-type': 'url', prefix: folder + search, 'max-keys': '1000' };
  if (!flat) query.delimiter = '/';
  if (token !== null) query['continuation-token'] = token;
  return parsePage(await s3Document({ method: 'GET', bucket, query }, null, signal), folder);
}

export interface Version {
  key: string;
  versionId: string;
  isLatest: boolean;
  isMarker: boolean;
  modified: string;
  size: number;
  etag: string;
}

export interface VersionPage {
  versions: Version[];
  next: { key: string; versionId: string } | null;
}

export function parseVersions(root: XmlNode): VersionPage {
  const versions: Version[] = [];
  for (const name of ['Version', 'DeleteMarker'] as const)
    for (const node of root.all(name))
      versions.push({
        key: decodeName(node.text('Key') ?? ''), versionId: node.text('VersionId') ?? 'null', isLatest: node.flag('IsLatest'), isMarker: name === 'DeleteMarker',
        modified: node.text('LastModified') ?? '', size: node.number('Size'), etag: (node.text('ETag') ?? '').replaceAll('"', ''),
      });
  const key = root.text('NextKeyMarker');
  return { versions, next: root.flag('IsTruncated') && key !== null ? { key: decodeName(key), versionId: root.text('NextVersionIdMarker') ?? '' } : null };
}

export async function listVersions(bucket: string, prefix: string, from: VersionPage['next'], signal?: AbortSignal): Promise<VersionPage> {
  const query: Record<string, string> = { versions: '', 'encoding-type': 'url', prefix };
  if (from) {
    query['key-marker'] = from.key;
    if (from.versionId) query['version-id-marker'] = from.versionId;
  }
  return parseVersions(await s3Document({ method: 'GET', bucket, query }, null, signal));
}

/** Sorts the versions of one key in place, the newest first. */
export const newestFirst = (versions: Version[]) => versions.sort((a, b) => Number(b.isLatest) - Number(a.isLatest) || b.modified.localeCompare(a.modified));

/** After so many no more versions of a key are read. */
export const mostVersions = 5000;

/** All versions of one key, the newest first: a listing by prefix also has longer keys, before which it ends. */
export async function versionsOf(bucket: string, key: string, signal?: AbortSignal): Promise<Version[]> {
  const found: Version[] = [];
  let from: VersionPage['next'] = null;
  do {
    const page: VersionPage = await listVersions(bucket, key, from, signal);
    found.push(...page.versions.filter((version) => version.key === key));
    from = page.next && page.next.key === key && found.length < mostVersions ? page.next : null;
  } while (from);
  return newestFirst(found);
}

export interface KeyFailure {
  key: string;
  error: ApiError;
}

/** Characters of keys that XML 1.0 cannot have. */
// eslint-disable-next-line no-control-regex
const beyondXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Deletes at most 1,000 objects, and returns those that were not deleted; what is not there is. Keys that no document can name are deleted one by one. */
export async function deleteObjects(bucket: string, keys: { key: string; versionId?: string }[]): Promise<KeyFailure[]> {
  const single = keys.filter(({ key }) => beyondXml.test(key));
  const failures: KeyFailure[] = [];
  for (const { key, versionId } of single) {
    try {
      await deleteObject(bucket, key, versionId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 404) failures.push({ key, error });
    }
  }
  if (single.length === keys.length) return failures;
  const others = keys.filter((one) => !single.includes(one));
  const text = document('Delete', { Quiet: true, Object: others.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })) });
  try {
    const { root, requestId } = await s3Answer({ method: 'POST', bucket, query: { delete: '' }, headers: checksumHeader(text) }, text);
    for (const node of root.all('Error')) {
      const code = node.text('Code') ?? 'InternalError';
      if (code !== 'NoSuchKey' && code !== 'NoSuchVersion') failures.push({ key: node.text('Key') ?? '', error: new ApiError(node.text('Message') ?? 'It was not deleted.', code === 'AccessDenied' ? 403 : 200, requestId, code) });
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return failures;
    // Those that were deleted one by one are told apart from these.
    if (!(error instanceof ApiError) || single.length === 0) throw error;
    failures.push(...others.map(({ key }) => ({ key, error })));
  }
  return failures;
}

/** The source of a copy: percent-encoded, slashes too where a segment is a dot. */
export function copySource(bucket: string, key: string, versionId?: string) {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return `/${bucket}/${path}${versionId ? `?versionId=${encodeURIComponent(versionId)}` : ''}`;
}

export async function copyObject(from: { bucket: string; key: string; versionId?: string }, to: { bucket: string; key: string }, headers: Record<string, string> = {}) {
  await s3Document({
    method: 'PUT', bucket: to.bucket, key: to.key,
    headers: { 'x-amz-copy-source': copySource(from.bucket, from.key, from.versionId), ...headers },
  });
}

export async function deleteObject(bucket: string, key: string, versionId?: string) {
  await s3({ method: 'DELETE', bucket, key, ...(versionId ? { query: { versionId } } : {}) });
}
