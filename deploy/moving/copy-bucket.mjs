// Copies a bucket with all its versions, delete markers, metadata, tags and settings from one S3 server to another: docs/operations/moving.md.
//   npm install @aws-sdk/client-s3 @aws-sdk/lib-storage @aws-sdk/s3-request-presigner
//   node copy-bucket.mjs BUCKET                    the data, then the settings
//   node copy-bucket.mjs --settings-only BUCKET    the settings alone, into a bucket that exists
// OLD_ENDPOINT, OLD_ACCESS_KEY, OLD_SECRET_KEY and OLD_REGION name the server to read from, NEW_… the one to write to.

import { parseArgs } from 'node:util';
import {
  CreateBucketCommand, DeleteObjectCommand, GetBucketCorsCommand, GetBucketLifecycleConfigurationCommand, GetBucketPolicyCommand, GetBucketTaggingCommand,
  GetBucketVersioningCommand, GetObjectCommand, GetObjectTaggingCommand, HeadBucketCommand, ListObjectVersionsCommand, PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand, PutBucketPolicyCommand, PutBucketTaggingCommand, PutBucketVersioningCommand, S3Client, paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const PART = 64 * 1024 * 1024;
const { values: { 'settings-only': isSettingsOnly }, positionals: [Bucket, ...others] } = parseArgs({
  allowPositionals: true,
  options: { 'settings-only': { type: 'boolean', default: false } },
});
if (!Bucket || others.length > 0) {
  throw new Error('usage: node copy-bucket.mjs [--settings-only] BUCKET');
}
// A write whose answer was lost is not repeated: it would be a version more.
const [from, to] = [['OLD', 3], ['NEW', 1]].map(([name, maxAttempts]) => new S3Client({
  maxAttempts,
  endpoint: process.env[`${name}_ENDPOINT`],
  region: process.env[`${name}_REGION`] ?? 'us-east-1',
  credentials: { accessKeyId: process.env[`${name}_ACCESS_KEY`], secretAccessKey: process.env[`${name}_SECRET_KEY`] },
  forcePathStyle: true,
}));

/** The answer, or undefined where there is no such setting, or no such feature. */
async function ifSet(request) {
  try {
    return await request;
  } catch (error) {
    if ([404, 501].includes(error.$metadata?.httpStatusCode)) {
      return undefined;
    }
    throw error;
  }
}

const text = (xml, name) => {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found?.replace(/&(lt|gt|quot|apos|amp|#x?[0-9a-fA-F]+);/g, (_, entity) =>
    ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[entity] ?? String.fromCodePoint(Number(entity.slice(1).replace(/^x/, '0x'))));
};

/**
 * One page of the list of versions, in the order of the document, which the SDK's answer, with a list of versions and one of markers, has no more.
 * Keys are encoded where the answer says so: not every server does what it is asked for.
 */
async function page(marker) {
  const url = await getSignedUrl(from, new ListObjectVersionsCommand({ Bucket, EncodingType: 'url', ...marker }));
  const answer = await fetch(url);
  const xml = await answer.text();
  if (!answer.ok) {
    throw new Error(`ListObjectVersions: ${answer.status} ${xml}`);
  }
  const isEncoded = text(xml, 'EncodingType') === 'url';
  const key = (value) => (isEncoded && value ? decodeURIComponent(value.replaceAll('+', ' ')) : value);
  const entries = [...xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, kind, entry]) => ({
    Key: key(text(entry, 'Key')),
    VersionId: text(entry, 'VersionId'),
    isLatest: text(entry, 'IsLatest') === 'true',
    time: Date.parse(text(entry, 'LastModified')),
    isMarker: kind === 'DeleteMarker',
  }));
  const next = text(xml, 'IsTruncated') === 'true'
    ? { KeyMarker: key(text(xml, 'NextKeyMarker')), VersionIdMarker: text(xml, 'NextVersionIdMarker') || undefined }
    : undefined;
  if (next && (!next.KeyMarker || (next.KeyMarker === marker?.KeyMarker && next.VersionIdMarker === marker?.VersionIdMarker))) {
    throw new Error('ListObjectVersions: the list goes on, but the answer does not say where');
  }
  return { entries, next };
}

/** The history of each key, newest first. Its entries may be on several pages, and between those of other keys. */
async function* histories() {
  let [held, done, isInterleaved, next] = [new Map(), new Set(), false, undefined];
  do {
    const answer = await page(next);
    next = answer.next;
    // Some servers list all versions of a page and then all its markers. One that goes from one kind to the other and back lists each key's as they came to be.
    isInterleaved ||= answer.entries.filter((entry, at, all) => at > 0 && entry.isMarker !== all[at - 1].isMarker).length > 1;
    for (const entry of answer.entries) {
      if (done.has(entry.Key)) {
        throw new Error(`${entry.Key}: listed again after the keys that follow it`);
      }
      held.set(entry.Key, [...(held.get(entry.Key) ?? []), entry]);
    }
    // The last key may go on on the next page.
    const complete = [...held.keys()].filter((key) => key !== next?.KeyMarker);
    for (const key of complete) {
      yield ordered(held.get(key), isInterleaved);
      held.delete(key);
    }
    done = new Set(complete);
  } while (next);
}

/** A key's entries, newest first: as listed, or versions and markers merged by their times. An order that is not certain is an error, never a guess. */
function ordered(entries, isInterleaved) {
  const lists = [entries.filter((entry) => !entry.isMarker), entries.filter((entry) => entry.isMarker)];
  let result = entries;
  if (!isInterleaved && lists.every((list) => list.length > 0)) {
    result = entries.toSorted((a, b) => b.isLatest - a.isLatest || b.time - a.time);
    const isTied = result.some((entry, at) => at > 0 && !result[at - 1].isLatest && entry.isMarker !== result[at - 1].isMarker && !(entry.time < result[at - 1].time));
    const isMoved = lists.some((list) => result.filter((entry) => entry.isMarker === list[0].isMarker).some((entry, at) => entry !== list[at]));
    if (isTied || isMoved) {
      throw new Error(`${entries[0].Key}: in which order its versions and delete markers came to be is not certain from their times`);
    }
  }
  if (result.some((entry, at) => entry.isLatest !== (at === 0))) {
    throw new Error(`${entries[0].Key}: the newest version or delete marker is not the one that the server says is the latest`);
  }
  return result;
}

/** The objects of a bucket without versions, each as a history of one: not every server has a list of versions. */
async function* objects() {
  for await (const { Contents } of paginateListObjectsV2({ client: from }, { Bucket })) {
    for (const { Key } of Contents ?? []) {
      yield [{ Key }];
    }
  }
}

/** Copies one version or makes one delete marker; the bytes copied. */
async function copy({ Key, VersionId, isMarker }) {
  if (isMarker) {
    await to.send(new DeleteObjectCommand({ Bucket, Key }));
    return 0;
  }
  const source = await from.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ExpiresString, Metadata, ContentLength, TagCount } = source;
  const tags = TagCount > 0 ? (await from.send(new GetObjectTaggingCommand({ Bucket, Key, VersionId }))).TagSet : [];
  const params = {
    Bucket, Key, ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Metadata, Body: source.Body,
    Expires: ExpiresString && new Date(ExpiresString),
    Tagging: tags.length > 0 ? new URLSearchParams(tags.map((tag) => [tag.Key, tag.Value])).toString() : undefined,
  };
  await new Upload({ client: to, params, partSize: Math.max(PART, Math.ceil(ContentLength / 10_000)), queueSize: 1 }).done();
  return ContentLength;
}

async function copyData() {
  const state = (await from.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  if (await ifSet(to.send(new HeadBucketCommand({ Bucket })))) {
    throw new Error(`${Bucket} exists on the new server: a second copy would add every version again. Delete it first, or copy with --settings-only.`);
  }
  const list = state ? histories : objects;
  // The whole list once before anything is written: an order that is not certain ends the script here.
  for (const keys = list(); !(await keys.next()).done;);
  await to.send(new CreateBucketCommand({ Bucket }));
  if (state) {
    await to.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  }
  let [count, bytes] = [0, 0];
  for await (const history of list()) {
    for (const version of history.toReversed()) {
      bytes += await copy(version);
      count += 1;
    }
  }
  console.log(`${Bucket}: ${count} versions and delete markers, ${bytes} bytes`);
}

/** Each setting's name, how it is read, how it is written, and what is written of what was read. */
const settings = [
  ['versioning', GetBucketVersioningCommand, PutBucketVersioningCommand, ({ Status }) => Status && { VersioningConfiguration: { Status } }],
  ['CORS', GetBucketCorsCommand, PutBucketCorsCommand, ({ CORSRules }) => ({ CORSConfiguration: { CORSRules } })],
  ['tags', GetBucketTaggingCommand, PutBucketTaggingCommand, ({ TagSet }) => ({ Tagging: { TagSet } })],
  ['lifecycle', GetBucketLifecycleConfigurationCommand, PutBucketLifecycleConfigurationCommand, ({ Rules }) => ({ LifecycleConfiguration: { Rules } })],
  ['policy', GetBucketPolicyCommand, PutBucketPolicyCommand, ({ Policy }) => ({ Policy })],
];

async function copySettings() {
  for (const [name, Get, Put, written] of settings) {
    try {
      const read = await ifSet(from.send(new Get({ Bucket })));
      const parameters = read && written(read);
      if (parameters) {
        await to.send(new Put({ Bucket, ...parameters }));
      }
    } catch (error) {
      console.error(`${Bucket}: ${name} not copied: ${error.name}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

if (!isSettingsOnly) {
  await copyData();
}
// Settings after the data, so that no rule expires and no policy denies what is being copied.
await copySettings();
