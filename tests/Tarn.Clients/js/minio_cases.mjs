// minio-js: signs chunk by chunk over plain HTTP and whole payloads otherwise.

import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';
import { MIB, bucket, content, credentials, endpoint, equal, fails, inByteOrder, oddKeys, region, run, scratch, sha, shaStream } from './cases.mjs';

const address = new URL(endpoint);
const connect = () =>
  new Client({
    endPoint: address.hostname,
    port: Number(address.port),
    useSSL: address.protocol === 'https:',
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    region,
    pathStyle: true,
  });

async function withBucket() {
  const s3 = connect();
  await s3.makeBucket(bucket, region);
  return s3;
}

const listed = async (stream) => (await stream.toArray()).map((entry) => entry.name ?? entry.prefix);

await run({
  async buckets() {
    const s3 = connect();
    equal(await s3.bucketExists(bucket), false);
    await s3.makeBucket(bucket, region);
    equal(await s3.bucketExists(bucket), true);
    equal((await s3.listBuckets()).some((entry) => entry.name === bucket), true);
    await s3.removeBucket(bucket);
    equal(await s3.bucketExists(bucket), false);
  },

  async files() {
    const s3 = await withBucket();
    const path = `${scratch}/file`;
    for (const size of [0, 1000, 100 * MIB]) {
      writeFileSync(path, content(size, size));
      await s3.fPutObject(bucket, 'dir/file', path, { 'Content-Type': 'text/odd', 'X-Amz-Meta-A': 'b c' });
      await s3.fGetObject(bucket, 'dir/file', `${path}-back`);
      equal(sha(readFileSync(`${path}-back`)), sha(content(size, size)), `file of ${size} bytes`);
      const stat = await s3.statObject(bucket, 'dir/file');
      equal([stat.size, stat.metaData['content-type'], stat.metaData.a], [size, 'text/odd', 'b c']);
    }
  },

  async streams() {
    const s3 = await withBucket();
    for (const [key, size, length] of [['known', 3 * MIB, 3 * MIB], ['unknown', 70 * MIB, undefined], ['empty', 0, 0]]) {
      const data = content(size, 4);
      await s3.putObject(bucket, key, Readable.from(size === 0 ? [] : [data.subarray(0, size / 2), data.subarray(size / 2)]), length);
      equal(await shaStream(await s3.getObject(bucket, key)), sha(data), key);
    }
    await s3.putObject(bucket, 'text', 'as a string');
    equal(await shaStream(await s3.getPartialObject(bucket, 'text', 3, 8)), sha('a string'));
  },

  async odd_keys() {
    const s3 = await withBucket();
    const keys = oddKeys.filter((key) => !key.includes('..'));
    for (const [number, key] of keys.entries()) {
      await s3.putObject(bucket, key, content(50, number));
    }
    equal(await listed(s3.listObjectsV2(bucket, '', true)), inByteOrder(keys));
    for (const [number, key] of keys.entries()) {
      equal(await shaStream(await s3.getObject(bucket, key)), sha(content(50, number)), key);
    }
    await s3.removeObjects(bucket, keys);
    equal(await listed(s3.listObjectsV2(bucket, '', true)), []);
  },

  async listing() {
    const s3 = await withBucket();
    for (const key of ['a/1', 'a/2', 'b/1', 'c']) {
      await s3.putObject(bucket, key, 'x');
    }
    equal((await listed(s3.listObjectsV2(bucket, ''))).sort(), ['a/', 'b/', 'c']);
    equal(await listed(s3.listObjectsV2(bucket, 'a/', true)), ['a/1', 'a/2']);
    equal(await listed(s3.listObjects(bucket, '', true)), ['a/1', 'a/2', 'b/1', 'c']);
    await s3.removeObject(bucket, 'c');
    await fails(s3.statObject(bucket, 'c'), (error) => equal(error.code, 'NotFound'));
    await fails(s3.getObject(bucket, 'c'), (error) => equal(error.code, 'NoSuchKey'));
  },

  async copies() {
    const s3 = await withBucket();
    await s3.putObject(bucket, 'from é', content(1000), 1000, { 'X-Amz-Meta-A': 'kept' });
    await s3.copyObject(bucket, 'to', `/${bucket}/from é`);
    equal((await s3.statObject(bucket, 'to')).metaData.a, 'kept');
    const source = new CopySourceOptions({ Bucket: bucket, Object: 'to' });
    const target = new CopyDestinationOptions({ Bucket: bucket, Object: 'replaced', UserMetadata: { a: 'new' }, MetadataDirective: 'REPLACE' });
    await s3.copyObject(source, target);
    equal((await s3.statObject(bucket, 'replaced')).metaData.a, 'new');
    equal(await shaStream(await s3.getObject(bucket, 'replaced')), sha(content(1000)));
  },

  async presigned() {
    const s3 = await withBucket();
    const key = 'pre signed+é';
    equal((await fetch(await s3.presignedPutObject(bucket, key, 600), { method: 'PUT', body: content(1000) })).status, 200);
    const answer = await fetch(await s3.presignedGetObject(bucket, key, 600, { 'response-content-type': 'x/y' }));
    equal([answer.status, answer.headers.get('content-type')], [200, 'x/y']);
    equal(Buffer.from(await answer.arrayBuffer()), content(1000));
  },

  async post_form() {
    const s3 = await withBucket();
    const policy = s3.newPostPolicy();
    policy.setBucket(bucket);
    policy.setKeyStartsWith('photos/');
    policy.setExpires(new Date(Date.now() + 600_000));
    policy.setContentType('image/png');
    policy.setContentLengthRange(1, MIB);
    policy.setUserMetaData({ from: 'minio' });
    const { postURL, formData } = await s3.presignedPostPolicy(policy);
    const send = async (key, size) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ ...formData, key })) {
        form.append(name, value);
      }
      form.append('file', new Blob([content(size)]), 'é.png');
      return fetch(postURL, { method: 'POST', body: form });
    };
    equal((await send('photos/${filename}', 70_000)).status, 204);
    equal(await shaStream(await s3.getObject(bucket, 'photos/é.png')), sha(content(70_000)));
    const stat = await s3.statObject(bucket, 'photos/é.png');
    equal([stat.metaData['content-type'], stat.metaData.from], ['image/png', 'minio']);
    equal((await send('elsewhere', 10)).status, 403);
    equal((await send('photos/large', MIB + 1)).status, 400);
    equal(await listed(s3.listObjectsV2(bucket, '', true)), ['photos/é.png']);
  },
});
