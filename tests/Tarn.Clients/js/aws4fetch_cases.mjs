// aws4fetch: signs what fetch() will send, so keys are as URL normalises them.

import { AwsClient } from 'aws4fetch';
import { bucket, content, credentials, endpoint, equal, region, run } from './cases.mjs';

const connect = () => new AwsClient({ ...credentials, region, service: 's3', retries: 0 });
const urlOf = (key = '', query = '') => `${endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}${query}`;

async function withBucket() {
  const s3 = connect();
  equal((await s3.fetch(urlOf(), { method: 'PUT' })).status, 200);
  return s3;
}

await run({
  async objects() {
    const s3 = await withBucket();
    for (const key of ['plain', 'a b+c%25&é😀', '日本語/x', "quote'()*!", 'dir/']) {
      equal((await s3.fetch(urlOf(key), { method: 'PUT', body: content(5000) })).status, 200, key);
      const answer = await s3.fetch(urlOf(key));
      equal(answer.status, 200, key);
      equal(Buffer.from(await answer.arrayBuffer()), content(5000), key);
      const part = await s3.fetch(urlOf(key), { headers: { Range: 'bytes=10-19' } });
      equal([part.status, Buffer.from(await part.arrayBuffer())], [206, content(5000).subarray(10, 20)], key);
      equal((await s3.fetch(urlOf(key), { method: 'HEAD' })).headers.get('content-length'), '5000', key);
      equal((await s3.fetch(urlOf(key), { method: 'DELETE' })).status, 204, key);
      equal((await s3.fetch(urlOf(key))).status, 404, key);
    }
  },

  async listing() {
    const s3 = await withBucket();
    for (const key of ['a b/1', 'a b/2', 'c']) {
      await s3.fetch(urlOf(key), { method: 'PUT', body: 'x' });
    }
    const text = await (await s3.fetch(urlOf('', '?list-type=2&prefix=a+b%2F&delimiter=%2F'))).text();
    equal([...text.matchAll(/<Key>(.*?)<\/Key>/g)].map((match) => match[1]), ['a b/1', 'a b/2']);
  },

  async presigned() {
    const s3 = await withBucket();
    const target = await s3.sign(urlOf('p é', '?X-Amz-Expires=600'), { method: 'PUT', aws: { signQuery: true } });
    equal((await fetch(target, { body: content(100) })).status, 200);
    const source = await s3.sign(urlOf('p é', '?X-Amz-Expires=600'), { aws: { signQuery: true } });
    equal(Buffer.from(await (await fetch(source)).arrayBuffer()), content(100));
    const other = new AwsClient({ ...credentials, secretAccessKey: 'wrong', region, service: 's3', retries: 0 });
    equal((await other.fetch(urlOf('p é'))).status, 403);
  },
});
