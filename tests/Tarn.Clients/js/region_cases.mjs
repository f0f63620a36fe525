// JavaScript clients configured without a region, or with another one than the server's.

import { CreateBucketCommand, GetBucketLocationCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Client } from 'minio';
import { bucket, content, credentials, endpoint, equal, fails, region, run, shaStream, sha } from './cases.mjs';

const sdk = (more) => new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1, ...more });

const address = new URL(endpoint);
const minio = (more) =>
  new Client({
    endPoint: address.hostname,
    port: Number(address.port),
    useSSL: address.protocol === 'https:',
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    pathStyle: true,
    ...more,
  });

async function use(s3) {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: content(1000) }));
  const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'k' }));
  equal(Buffer.from(await answer.Body.transformToByteArray()), content(1000));
}

await run({
  async sdk_in_the_servers_region() {
    const s3 = sdk();
    await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
    equal((await s3.send(new GetBucketLocationCommand({ Bucket: bucket }))).LocationConstraint, region);
    await use(s3);
  },

  async sdk_in_another_region() {
    await sdk().send(new CreateBucketCommand({ Bucket: bucket }));
    const other = sdk({ region: 'ap-south-1' });
    equal((await other.send(new ListBucketsCommand({}))).Buckets.some((entry) => entry.Name === bucket), true);
    equal((await other.send(new GetBucketLocationCommand({ Bucket: bucket }))).LocationConstraint, region);
    await fails(use(other), (error) => {
      equal(error.name, 'AuthorizationHeaderMalformed');
      equal(error.Region, region);
    });
  },

  async minio_without_a_region() {
    const s3 = minio();
    await minio({ region }).makeBucket(bucket, region);
    equal(await s3.bucketExists(bucket), true);
    equal((await s3.listBuckets()).some((entry) => entry.name === bucket), true);
    await s3.putObject(bucket, 'k', content(1000));
    equal(await shaStream(await s3.getObject(bucket, 'k')), sha(content(1000)));
    const url = await s3.presignedGetObject(bucket, 'k', 600);
    equal(url.includes(`%2F${region}%2F`), true, url);
    equal(Buffer.from(await (await fetch(url)).arrayBuffer()), content(1000));
  },
});
