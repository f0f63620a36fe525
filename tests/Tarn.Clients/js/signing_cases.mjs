// What JavaScript's SDK 3 puts into presigned URLs, and keys with every character everywhere a key occurs.

import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { bucket, content, credentials, endpoint, equal, region, run } from './cases.mjs';

const printable = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at)).concat('\u00e9', 'e\u0301', '\u2603', '\u{1f600}');
const keys = printable.map((character) => `k${character}x`).concat(`all${printable.join('')}`, 'a//b', 'a b+c%20d%2Be');

async function withBucket() {
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return s3;
}

const bytes = async (answer) => Buffer.from(await answer.Body.transformToByteArray());

await run({
  async headers_in_urls() {
    const s3 = await withBucket();
    const where = { Bucket: bucket, Key: 'k' };
    const command = new PutObjectCommand({
      ...where,
      Metadata: { foo: 'b a+r', other: '1' },
      Tagging: 'a=1&b=two%20words',
      StorageClass: 'STANDARD_IA',
      ACL: 'private',
    });
    const url = await getSignedUrl(s3, command, { expiresIn: 600 });
    equal(url.includes('x-amz-meta-foo='), true, url);
    equal((await fetch(url, { method: 'PUT', body: content(1000) })).status, 200);
    const head = await s3.send(new HeadObjectCommand(where));
    equal([head.Metadata, head.StorageClass], [{ foo: 'b a+r', other: '1' }, 'STANDARD_IA']);
    const tags = await s3.send(new GetObjectTaggingCommand(where));
    equal(tags.TagSet.map((tag) => `${tag.Key}=${tag.Value}`).sort(), ['a=1', 'b=two words']);
    equal((await fetch(url, { method: 'PUT', body: 'x', headers: { 'x-amz-meta-foo': 'other' } })).ok, false);

    const copy = new CopyObjectCommand({ ...where, Key: 'copy', CopySource: `${bucket}/k` });
    equal((await fetch(await getSignedUrl(s3, copy), { method: 'PUT' })).status, 200);
    equal(await bytes(await s3.send(new GetObjectCommand({ ...where, Key: 'copy' }))), content(1000));

    const locked = new PutObjectCommand({ ...where, Key: 'locked', ObjectLockLegalHoldStatus: 'ON' });
    equal((await fetch(await getSignedUrl(s3, locked), { method: 'PUT', body: 'x' })).status, 501);
  },

  async every_character() {
    const s3 = await withBucket();
    for (const [number, Key] of keys.entries()) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: content(20, number) }));
    }
    for (const [number, Key] of keys.entries()) {
      equal(await bytes(await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))), content(20, number), Key);
      for (const source of [encodeURIComponent(Key), encodeURIComponent(Key).replaceAll('%2F', '/'), encodeURIComponent(Key).replaceAll('%20', '+')]) {
        await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: `copy of ${Key}`, CopySource: `${bucket}/${source}` }));
        equal(await bytes(await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `copy of ${Key}` }))), content(20, number), source);
      }
      const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key }));
      equal(Buffer.from(await (await fetch(url)).arrayBuffer()), content(20, number), url);
    }
    for (const Key of [...keys.slice(-3), 'k+x', 'k x', 'k%x', 'k&x']) {
      const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: `url ${Key}` }));
      equal((await fetch(put, { method: 'PUT', body: Key })).status, 200, Key);
      equal((await bytes(await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `url ${Key}` })))).toString(), Key);
      const { url, fields } = await createPresignedPost(s3, { Bucket: bucket, Key: `form ${Key}` });
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        form.append(name, value);
      }
      form.append('file', new Blob([Key]));
      equal((await fetch(url, { method: 'POST', body: form })).status, 204, Key);
      equal((await bytes(await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `form ${Key}` })))).toString(), Key);
    }
    const deleted = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    equal(deleted.Deleted.map((entry) => entry.Key).sort(), [...keys].sort());
  },
});
