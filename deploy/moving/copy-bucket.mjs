// Copies a bucket with all its versions, delete markers, metadata, tags and settings from one S3 server to another: docs/operations/moving.md.
//   npm install @aws-sdk/client-s3 @aws-sdk/lib-storage @aws-sdk/s3-request-presigner
//   node copy-bucket.mjs BUCKET
// OLD_ENDPOINT, OLD_ACCESS_KEY, OLD_SECRET_KEY and OLD_REGION name the server to read from, NEW_… the one to write to.

import {
  CreateBucketCommand, DeleteObjectCommand, GetBucketCorsCommand, GetBucketLifecycleConfigurationCommand, GetBucketPolicyCommand, GetBucketTaggingCommand,
  GetBucketVersioningCommand, GetObjectCommand, GetObjectTaggingCommand, HeadBucketCommand, ListObjectVersionsCommand, PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand, PutBucketPolicyCommand, PutBucketTaggingCommand, PutBucketVersioningCommand, S3Client, paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const PART = 64 * 1024 * 1024;
const Bucket = process.argv[2];
const [from, to] = ['OLD', 'NEW'].map((name) => new S3Client({
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

/** All versions and delete markers, each key's newest first: in the order of the document, which the SDK's answer, with two lists, has no more. */
async function* versions() {
  let more = {};
  do {
    const url = await getSignedUrl(from, new ListObjectVersionsCommand({ Bucket, EncodingType: 'url', ...more }));
    const answer = await fetch(url);
    const xml = await answer.text();
    if (!answer.ok) {
      throw new Error(`ListObjectVersions: ${answer.status} ${xml}`);
    }
    for (const [, kind, entry] of xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
      yield { Key: decodeURIComponent(text(entry, 'Key').replaceAll('+', ' ')), VersionId: text(entry, 'VersionId'), isMarker: kind === 'DeleteMarker' };
    }
    const key = text(xml, 'NextKeyMarker');
    more = text(xml, 'IsTruncated') === 'true'
      ? { KeyMarker: decodeURIComponent(key.replaceAll('+', ' ')), VersionIdMarker: text(xml, 'NextVersionIdMarker') }
      : undefined;
  } while (more);
}

/** The objects of a bucket without versions: not every server has a list of versions. */
async function* objects() {
  for await (const page of paginateListObjectsV2({ client: from }, { Bucket })) {
    for (const { Key } of page.Contents ?? []) {
      yield { Key };
    }
  }
}

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

const state = (await from.send(new GetBucketVersioningCommand({ Bucket }))).Status;
if (await ifSet(to.send(new HeadBucketCommand({ Bucket })))) {
  throw new Error(`${Bucket} exists on the new server: a second copy would add every version again. Delete it first.`);
}
await to.send(new CreateBucketCommand({ Bucket }));
if (state) {
  await to.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
}

let [count, bytes, pending] = [0, 0, []];
async function copyPending() {
  for (const version of pending.reverse()) {
    bytes += await copy(version);
    count += 1;
  }
  pending = [];
}
for await (const version of state ? versions() : objects()) {
  if (pending.length > 0 && pending[0].Key !== version.Key) {
    await copyPending();
  }
  pending.push(version);
}
await copyPending();

// Settings after the data, so that no rule expires and no policy denies what is being copied.
if (state === 'Suspended') {
  await to.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: state } }));
}
const cors = await ifSet(from.send(new GetBucketCorsCommand({ Bucket })));
if (cors) {
  await to.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: cors.CORSRules } }));
}
const tagging = await ifSet(from.send(new GetBucketTaggingCommand({ Bucket })));
if (tagging) {
  await to.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagging.TagSet } }));
}
const lifecycle = await ifSet(from.send(new GetBucketLifecycleConfigurationCommand({ Bucket })));
if (lifecycle) {
  await to.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: lifecycle.Rules } }));
}
const policy = await ifSet(from.send(new GetBucketPolicyCommand({ Bucket })));
if (policy) {
  await to.send(new PutBucketPolicyCommand({ Bucket, Policy: policy.Policy }));
}
console.log(`${Bucket}: ${count} versions and delete markers, ${bytes} bytes`);
