// AWS SDK for JavaScript v3 with its defaults: a checksum with every upload, trailers where the body is a stream.

import { createReadStream, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { MIB, bucket, content, credentials, endpoint, equal, fails, inByteOrder, oddKeys, region, run, scratch, sha, shaStream } from './cases.mjs';

const connect = (more = {}) =>
  new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1, ...more });

async function withBucket(more) {
  const s3 = connect(more);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return s3;
}

const put = (s3, Key, Body, more = {}) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ...more }));
const get = (s3, Key, more = {}) => s3.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));
const head = (s3, Key, more = {}) => s3.send(new HeadObjectCommand({ Bucket: bucket, Key, ...more }));
const bytes = async (answer) => Buffer.from(await answer.Body.transformToByteArray());

await run({
  async buckets() {
    const s3 = await withBucket();
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    const all = await s3.send(new ListBucketsCommand({}));
    equal(all.Buckets.some((entry) => entry.Name === bucket), true);
    await put(s3, 'in the way', 'x');
    await fails(s3.send(new DeleteBucketCommand({ Bucket: bucket })), (error) => equal(error.name, 'BucketNotEmpty'));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'in the way' }));
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    await fails(get(s3, 'x'), (error) => equal(error.name, 'NoSuchBucket'));
  },

  async objects() {
    const s3 = await withBucket();
    for (const size of [0, 1, 1000, 70_000, 3 * MIB + 7]) {
      const data = content(size, size);
      const stored = await put(s3, `size-${size}`, data);
      const answer = await get(s3, `size-${size}`);
      equal(sha(await bytes(answer)), sha(data), `content of ${size} bytes`);
      equal(answer.ETag, stored.ETag);
      equal((await head(s3, `size-${size}`)).ContentLength, size);
    }
    await put(s3, 'size-1', 'overwritten');
    equal((await bytes(await get(s3, 'size-1'))).toString(), 'overwritten');
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'size-1' }));
    await fails(get(s3, 'size-1'), (error) => equal(error.name, 'NoSuchKey'));
    await fails(head(s3, 'size-1'), (error) => equal(error.name, 'NotFound'));
  },

  async default_checksum() {
    const s3 = await withBucket();
    const stored = await put(s3, 'd', content(1000));
    equal(typeof stored.ChecksumCRC32, 'string', 'the default checksum in the answer');
    const answer = await get(s3, 'd');
    equal(answer.ChecksumCRC32, stored.ChecksumCRC32);
    equal(await bytes(answer), content(1000));
    const quiet = connect({ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' });
    await put(quiet, 'q', content(1000, 1));
    equal(await bytes(await get(quiet, 'q')), content(1000, 1));
  },

  async checksum_algorithms() {
    const s3 = await withBucket();
    const data = content(150_000);
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']) {
      for (const [form, body, more] of [
        ['buffer', data, {}],
        ['stream', Readable.from([data.subarray(0, 70_000), data.subarray(70_000)]), { ContentLength: data.length }],
      ]) {
        const key = `${ChecksumAlgorithm}-${form}`;
        const stored = await put(s3, key, body, { ChecksumAlgorithm, ...more });
        const name = `Checksum${ChecksumAlgorithm}`;
        equal(typeof stored[name], 'string', `${key} in the answer to PutObject`);
        const answer = await get(s3, key, { ChecksumMode: 'ENABLED' });
        equal(answer[name], stored[name], key);
        equal(answer.ContentEncoding, undefined, 'aws-chunked is not part of the object');
        equal(sha(await bytes(answer)), sha(data), key);
        equal((await head(s3, key, { ChecksumMode: 'ENABLED' }))[name], stored[name], key);
      }
    }
  },

  async wrong_checksum() {
    const s3 = await withBucket();
    await fails(put(s3, 'bad', 'content', { ChecksumCRC32: 'AAAAAA==' }), (error) => equal(error.name, 'BadDigest'));
    await fails(get(s3, 'bad'), (error) => equal(error.name, 'NoSuchKey'));
  },

  async content_encoding() {
    const s3 = await withBucket();
    const body = Readable.from([content(100)]);
    await put(s3, 'gz', body, { ContentLength: 100, ContentEncoding: 'gzip' });
    equal((await head(s3, 'gz')).ContentEncoding, 'gzip');
  },

  async streams() {
    const s3 = await withBucket();
    const path = `${scratch}/stream`;
    writeFileSync(path, content(20 * MIB + 3, 5));
    const expected = sha(content(20 * MIB + 3, 5));
    await put(s3, 'file', createReadStream(path));
    equal(await shaStream((await get(s3, 'file')).Body), expected, 'PutObject of a file stream');

    let reported = 0;
    const upload = new Upload({
      client: s3,
      params: { Bucket: bucket, Key: 'parts', Body: createReadStream(path), ContentType: 'text/odd', Metadata: { a: 'b' } },
      queueSize: 4,
      partSize: 5 * MIB,
    });
    upload.on('httpUploadProgress', (progress) => (reported = Math.max(reported, progress.loaded)));
    await upload.done();
    equal(reported, 20 * MIB + 3);
    const answer = await get(s3, 'parts', { ChecksumMode: 'ENABLED' });
    equal([answer.ContentType, answer.Metadata.a], ['text/odd', 'b']);
    equal(answer.ETag.endsWith('-5"'), true, answer.ETag);
    equal(await shaStream(answer.Body), expected, 'multipart from a stream');
    const small = new Upload({ client: s3, params: { Bucket: bucket, Key: 'small', Body: Readable.from([Buffer.from('one')]) } });
    await small.done();
    equal((await bytes(await get(s3, 'small'))).toString(), 'one');
  },

  async large() {
    const s3 = await withBucket();
    const data = content(100 * MIB, 8);
    for (const ChecksumAlgorithm of ['CRC32', 'CRC64NVME']) {
      await new Upload({
        client: s3,
        params: { Bucket: bucket, Key: 'large', Body: data, ChecksumAlgorithm },
        queueSize: 3,
        partSize: 16 * MIB,
      }).done();
      equal(await shaStream((await get(s3, 'large')).Body), sha(data), ChecksumAlgorithm);
    }
    const part = await get(s3, 'large', { Range: `bytes=${16 * MIB - 10}-${16 * MIB + 9}` });
    equal(await bytes(part), data.subarray(16 * MIB - 10, 16 * MIB + 10), 'range across two parts');
  },

  async aborted_upload() {
    const s3 = await withBucket();
    const broken = Readable.from(
      (async function* () {
        yield content(6 * MIB);
        throw new Error('the source broke');
      })(),
    );
    const upload = new Upload({ client: s3, params: { Bucket: bucket, Key: 'broken', Body: broken } });
    await fails(upload.done(), (error) => equal(error.message, 'the source broke'));
    await fails(head(s3, 'broken'), (error) => equal(error.name, 'NotFound'));
  },

  async odd_keys() {
    const s3 = await withBucket();
    for (const [number, key] of oddKeys.entries()) {
      await put(s3, key, content(50, number));
    }
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    equal(listed.Contents.map((entry) => entry.Key), inByteOrder(oddKeys));
    for (const [number, key] of oddKeys.entries()) {
      equal(await bytes(await get(s3, key)), content(50, number), key);
      const source = `${bucket}/${encodeURIComponent(key)}`;
      await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: `copy ${key}`, CopySource: source }));
      equal(await bytes(await get(s3, `copy ${key}`)), content(50, number), key);
    }
    const Objects = oddKeys.map((Key) => ({ Key }));
    const deleted = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
    equal(deleted.Errors, undefined);
    equal(inByteOrder(deleted.Deleted.map((entry) => entry.Key)), inByteOrder(oddKeys));
    const left = await s3.send(new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url' }));
    equal(left.KeyCount, oddKeys.length);
  },

  async metadata() {
    const s3 = await withBucket();
    const Metadata = { plain: 'a  b', encoded: '=?UTF-8?B?w6nwn5iA?=' };
    await put(s3, 'm', 'x', { Metadata, CacheControl: 'no-cache', ContentType: 'a/b' });
    const answer = await head(s3, 'm');
    equal([answer.Metadata, answer.CacheControl, answer.ContentType], [Metadata, 'no-cache', 'a/b']);
  },

  async tags() {
    const s3 = await withBucket();
    await put(s3, 't', 'x', { Tagging: 'a=1&b=two%20words' });
    equal((await head(s3, 't')).TagCount, 2);
  },

  async ranges_and_conditions() {
    const s3 = await withBucket();
    const { ETag } = await put(s3, 'r', content(1000));
    equal(await bytes(await get(s3, 'r', { Range: 'bytes=-7' })), content(1000).subarray(993));
    await fails(get(s3, 'r', { IfNoneMatch: ETag }), (error) => equal(error.$metadata.httpStatusCode, 304));
    await fails(get(s3, 'r', { Range: 'bytes=1000-' }), (error) => equal(error.name, 'InvalidRange'));
    await fails(put(s3, 'r', 'y', { IfNoneMatch: '*' }), (error) => equal(error.name, 'PreconditionFailed'));
    await put(s3, 'r', 'z', { IfMatch: ETag });
    await fails(put(s3, 'r', 'y', { IfMatch: ETag }), (error) => equal(error.name, 'PreconditionFailed'));
  },

  async listing() {
    const s3 = await withBucket();
    const keys = ['a/1', 'a/2', 'a/3', 'b/1', 'c'];
    for (const key of keys) {
      await put(s3, key, 'x');
    }
    const found = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket: bucket })) {
      found.push(...page.Contents.map((entry) => entry.Key));
    }
    equal(found, keys);
    const folders = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/' }));
    equal(folders.CommonPrefixes.map((entry) => entry.Prefix), ['a/', 'b/']);
    equal(folders.Contents.map((entry) => entry.Key), ['c']);
  },

  async presigned() {
    const s3 = await withBucket();
    const key = 'pre signed+é';
    const target = await getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: 600 });
    equal((await fetch(target, { method: 'PUT', body: content(1000) })).status, 200);
    const source = await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentType: 'x/y' }));
    const answer = await fetch(source);
    equal([answer.status, answer.headers.get('content-type')], [200, 'x/y']);
    equal(Buffer.from(await answer.arrayBuffer()), content(1000));
    equal((await fetch(source.replace('X-Amz-Signature=', 'X-Amz-Signature=0'))).status, 403);
  },

  async post_form() {
    const s3 = await withBucket();
    const { url, fields } = await createPresignedPost(s3, {
      Bucket: bucket,
      Key: 'forms/${filename}',
      Conditions: [['content-length-range', 0, MIB], ['starts-with', '$Content-Type', 'text/']],
      Fields: { acl: 'private', 'Content-Type': 'text/plain', success_action_status: '200' },
      Expires: 600,
    });
    const send = (more, size) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ ...fields, ...more })) {
        form.append(name, value);
      }
      form.append('file', new Blob([content(size)]), 'a.txt');
      return fetch(url, { method: 'POST', body: form });
    };
    equal((await send({}, 300_000)).status, 200);
    const stored = await get(s3, 'forms/a.txt');
    equal([sha(await bytes(stored)), stored.ContentType], [sha(content(300_000)), 'text/plain']);
    equal((await send({ 'Content-Type': 'image/png' }, 1)).status, 403);
    equal((await send({}, MIB + 1)).status, 400);
  },

  async errors() {
    const wrong = connect({ credentials: { ...credentials, secretAccessKey: 'not the secret' } });
    await withBucket();
    await fails(put(wrong, 'x', content(2 * MIB)), (error) => equal(error.name, 'SignatureDoesNotMatch'));
    await fails(put(wrong, 'x', createReadStream(process.execPath, { end: 3 * MIB }), { ContentLength: 3 * MIB + 1 }), (error) =>
      equal(error.name, 'SignatureDoesNotMatch'),
    );
  },
});
