// The AWS SDK for JavaScript v3 reads a file of a disk as download managers do: its size, then ranges side by side, tied to one entity tag.

import { readFileSync } from 'node:fs';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { bucket, credentials, endpoint, equal, fails, region, sha } from './cases.mjs';

const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
const target = { Bucket: bucket, Key: 'folder/large.bin' };
const { ContentLength, ETag } = await s3.send(new HeadObjectCommand(target));
const part = 1024 * 1024;
const parts = await Promise.all(
  Array.from({ length: Math.ceil(ContentLength / part) }, async (_, i) => {
    const Range = `bytes=${i * part}-${Math.min((i + 1) * part, ContentLength) - 1}`;
    const answer = await s3.send(new GetObjectCommand({ ...target, Range, IfMatch: ETag }));
    return Buffer.from(await answer.Body.transformToByteArray());
  }),
);
equal(sha(Buffer.concat(parts)), sha(readFileSync(process.env.FILE)));
await fails(s3.send(new GetObjectCommand({ ...target, IfMatch: '"another"' })), (error) => equal(error.name, 'PreconditionFailed'));
process.exit(0);
