// What the scripts share: the environment they run in, content, and the command line.
// `script.mjs --list` prints the names of its cases, `script.mjs NAME` runs one; whatever throws ends it with exit code 1.

import { createHash } from 'node:crypto';
import { deepStrictEqual } from 'node:assert';

export const endpoint = process.env.S3_ENDPOINT;
export const bucket = process.env.S3_BUCKET;
export const region = process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
export const scratch = process.env.HOME ?? '.';
export const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
};

export const MIB = 1024 * 1024;

export const oddKeys = [
  'a b+c%25&é😀/..//x',
  'plus+plus',
  'percent%2Fescaped%00not',
  'caf\u00e9-nfc',
  'cafe\u0301-nfd',
  'trailing.',
  'dir/',
  'a//b///c',
  'quote\'"<>&;,',
  '=@:$!*()~[]{}|^`#?',
  '日本語/ключ',
];

export async function run(cases) {
  const name = process.argv[2];
  if (name === '--list') {
    console.log(Object.keys(cases).join('\n'));
    return;
  }
  await cases[name]();
  // Idle connections would keep the process running for as long as they are kept alive.
  process.exit(0);
}

/** Bytes that differ along the whole length and between seeds. */
export function content(size, seed = 0) {
  const block = createHash('shake256', { outputLength: 65537 }).update(`tarn${seed}`).digest();
  const whole = Buffer.alloc(size);
  for (let at = 0; at < size; at += block.length) {
    block.copy(whole, at);
  }
  return whole;
}

export const sha = (data) => createHash('sha256').update(data).digest('hex');

export async function shaStream(stream) {
  const hash = createHash('sha256');
  for await (const chunk of stream) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

export const equal = (actual, expected, what) =>
  deepStrictEqual(actual, expected, what && `${what}: expected ${show(expected)}, got ${show(actual)}`);

export async function fails(promise, check) {
  try {
    await promise;
  } catch (error) {
    check(error);
    return;
  }
  throw new Error('succeeded, and a refusal was due');
}

const show = (value) => JSON.stringify(value)?.slice(0, 600);

/** Order of UTF-8 bytes: what S3 lists in. */
export const inByteOrder = (keys) => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
