import { api, ApiError, call, done, type Schemas } from '../../api/client';
import { watchJob } from '../../api/jobs';
import { queries } from '../../app/queries';
import { parentOf } from '../../app/format';
import type { Failure } from '../../components/failures';
import { deleteObjects, keyOf, type Entry } from '../../s3/listing';
import { copyWhole, renameObject } from '../../s3/object';
import { s3 } from '../../s3/client';
import type { Place } from './place';

/** Changes of files. What concerns a whole folder of a bucket is a job of the server; what is chosen by name is done here. */
export interface Outcome {
  failures: Failure[];
  jobs: Schemas['JobView'][];
}

const path = (prefix: string) => prefix.replace(/\/$/, '');

/** One step of a change, and what it is about. It returns what failed of it, and throws where all of it did. */
interface Step {
  keys: string[];
  work: () => Promise<Failure[] | void>;
}

/** Does one step after another, whatever fails; only without a session or a network the others are not tried. What was not done is noted with why. */
async function inSteps(outcome: Outcome, steps: Step[]): Promise<Outcome> {
  let broken: unknown = null;
  for (const { keys, work } of steps) {
    if (broken === null)
      try {
        outcome.failures.push(...((await work()) ?? []));
        continue;
      } catch (error) {
        outcome.failures.push(...keys.map((key) => ({ key, error })));
        if (error instanceof ApiError && (error.status === 0 || error.status === 401)) broken = error;
        continue;
      }
    outcome.failures.push(...keys.map((key) => ({ key, error: broken })));
  }
  return outcome;
}

/** What is not there any more is deleted. */
async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

export async function removeEntries(place: Place, entries: Entry[], versions: 'markers' | 'all' | null): Promise<Outcome> {
  const outcome: Outcome = { failures: [], jobs: [] };
  if (place.kind === 'disk')
    return inSteps(outcome, entries.map((entry) => ({
      keys: [keyOf(entry)],
      work: () => unlessGone(done(api.DELETE('/api/disks/{id}/files', {
        params: { path: { id: place.bucket }, query: entry.kind === 'folder' ? { path: path(entry.prefix), recursive: 'true' } : { path: entry.key } as never },
      } as never))),
    })));
  const steps: Step[] = [];
  const keys = entries.filter((entry) => entry.kind === 'object').map((entry) => entry.key);
  for (let from = 0; from < keys.length; from += 1000) {
    const batch = keys.slice(from, from + 1000);
    steps.push({ keys: batch, work: () => deleteObjects(place.bucket, batch.map((key) => ({ key }))) });
  }
  for (const entry of entries)
    if (entry.kind === 'folder')
      steps.push({ keys: [entry.prefix], work: async () => void outcome.jobs.push(await startJob({ kind: 'delete', bucket: place.bucket, prefix: entry.prefix, ...(versions === null ? {} : { versions }) })) });
  return inSteps(outcome, steps);
}

/** Asks the server to make several objects ready as a Zip, which one GET then streams. */
export const prepareArchive = (bucket: string, entries: Entry[]) =>
  call(api.POST('/api/archives', { body: { bucket, keys: entries.flatMap((one) => (one.kind === 'object' ? [one.key] : [])), prefixes: entries.flatMap((one) => (one.kind === 'folder' ? [one.prefix] : [])) } }));

/** Begins a job. What shows its buckets is read again when it has ended. */
export async function startJob(body: Partial<Schemas['JobBody']> & Pick<Schemas['JobBody'], 'kind' | 'bucket'>) {
  const job = await call(api.POST('/api/jobs', { body: body as Schemas['JobBody'] }));
  if (!job.dryRun) watchJob(queries, job);
  return job;
}

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

/** The name of an entry without the folder that it is in. */
export const tailOf = (entry: Entry) => keyOf(entry).slice(parentOf(keyOf(entry)).length);

/** A name that several entries would have in one folder, if there is one: of these, one would replace the other. */
export function sharedName(entries: Entry[]): string | null {
  const seen = new Set<string>();
  for (const name of entries.map(tailOf)) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

/** Moves or copies several entries into a folder, each with its name: folders of a bucket by a job each. */
export async function moveEntries(place: Place, entries: Entry[], to: { bucket: string; folder: string }, isCopy: boolean, replace: boolean): Promise<Outcome> {
  const outcome: Outcome = { failures: [], jobs: [] };
  const folder = to.folder === '' || to.folder.endsWith('/') ? to.folder : to.folder + '/';
  return inSteps(outcome, entries.map((entry) => ({
    keys: [keyOf(entry)],
    work: async () => void outcome.jobs.push(...(await moveEntry(place, entry, { bucket: to.bucket, key: folder + tailOf(entry) }, isCopy, replace)).jobs),
  })));
}

export async function makeFolder(place: Place, prefix: string) {
  if (place.kind === 'disk') await done(api.POST('/api/disks/{id}/directories', { params: { path: { id: place.bucket } }, body: { path: path(prefix), parents: true } }));
  else await s3({ method: 'PUT', bucket: place.bucket, key: prefix.endsWith('/') ? prefix : prefix + '/', headers: { 'content-type': 'application/x-directory' } }, '');
}
