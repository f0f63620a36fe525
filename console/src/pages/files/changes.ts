import { api, call, done, type Schemas } from '../../api/client';
import { deleteObjects, type Entry, type KeyFailure } from '../../s3/listing';
import { copyWhole, renameObject } from '../../s3/object';
import { s3 } from '../../s3/client';
import type { Place } from './place';

/** Changes of files. What concerns a whole folder of a bucket is a job of the server; what is chosen by name is done here. */
export interface Outcome {
  failures: KeyFailure[];
  jobs: Schemas['JobView'][];
}

const path = (prefix: string) => prefix.replace(/\/$/, '');

export async function removeEntries(place: Place, entries: Entry[], versions: 'markers' | 'all' | null): Promise<Outcome> {
  const outcome: Outcome = { failures: [], jobs: [] };
  if (place.kind === 'disk') {
    for (const entry of entries)
      await done(api.DELETE('/api/disks/{id}/files', {
        params: { path: { id: place.bucket }, query: entry.kind === 'folder' ? { path: path(entry.prefix), recursive: 'true' } : { path: entry.key } as never },
      } as never));
    return outcome;
  }
  const keys = entries.filter((entry) => entry.kind === 'object').map((entry) => ({ key: entry.key }));
  for (let from = 0; from < keys.length; from += 1000) outcome.failures.push(...(await deleteObjects(place.bucket, keys.slice(from, from + 1000))));
  for (const entry of entries)
    if (entry.kind === 'folder') outcome.jobs.push(await startJob({ kind: 'delete', bucket: place.bucket, prefix: entry.prefix, ...(versions === null ? {} : { versions }) }));
  return outcome;
}

/** Asks the server to make several objects ready as a Zip, which one GET then streams. */
export const prepareArchive = (bucket: string, entries: Entry[]) =>
  call(api.POST('/api/archives', { body: { bucket, keys: entries.flatMap((one) => (one.kind === 'object' ? [one.key] : [])), prefixes: entries.flatMap((one) => (one.kind === 'folder' ? [one.prefix] : [])) } }));

export const startJob = (body: Partial<Schemas['JobBody']> & Pick<Schemas['JobBody'], 'kind' | 'bucket'>) => call(api.POST('/api/jobs', { body: body as Schemas['JobBody'] }));

/** Renames or copies one entry. Nothing that is at the destination is replaced, unless asked for. */
export async function moveEntry(place: Place, entry: Entry, to: { bucket: string; key: string }, isCopy: boolean, replace: boolean): Promise<Outcome> {
  const outcome: Outcome = { failures: [], jobs: [] };
  if (place.kind === 'disk') {
    const from = entry.kind === 'folder' ? path(entry.prefix) : entry.key;
    await done(api.POST('/api/disks/{id}/rename', { params: { path: { id: place.bucket } }, body: { from, to: path(to.key), replace } as never }));
  } else if (entry.kind === 'folder') {
    outcome.jobs.push(await startJob({ kind: isCopy ? 'copy' : 'rename', bucket: place.bucket, prefix: entry.prefix, toBucket: to.bucket, toPrefix: to.key.endsWith('/') || to.key === '' ? to.key : to.key + '/', overwrite: replace }));
  } else {
    if (isCopy) await copyWhole({ bucket: place.bucket, key: entry.key }, to, replace);
    else await renameObject(place.bucket, entry.key, to.key, replace);
  }
  return outcome;
}

export async function makeFolder(place: Place, prefix: string) {
  if (place.kind === 'disk') await done(api.POST('/api/disks/{id}/directories', { params: { path: { id: place.bucket } }, body: { path: path(prefix), parents: true } }));
  else await s3({ method: 'PUT', bucket: place.bucket, key: prefix.endsWith('/') ? prefix : prefix + '/', headers: { 'content-type': 'application/x-directory' } }, '');
}
