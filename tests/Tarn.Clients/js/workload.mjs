// Puts and gets an object with the credentials that the SDK finds by itself.
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import assert from "node:assert/strict";

const s3 = new S3Client({ forcePathStyle: true, maxAttempts: 1 });
const at = { Bucket: process.env.S3_BUCKET, Key: "js" };
await s3.send(new PutObjectCommand({ ...at, Body: "of js" }));
assert.equal(await (await s3.send(new GetObjectCommand(at))).Body.transformToString(), "of js");
const url = await getSignedUrl(s3, new GetObjectCommand(at));
assert.ok(url.includes("X-Amz-Security-Token="));
assert.equal(await (await fetch(url)).text(), "of js");
console.log((await s3.config.credentials()).accessKeyId);
