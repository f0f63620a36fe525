import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256 } from '../src/s3/sha256';

const sample = Uint8Array.from({ length: 300 }, (_, i) => (i * 31) & 0xff);

test('every length to beyond four blocks has the digest that others compute', () => {
  for (let length = 0; length <= sample.length; length++) {
    const bytes = sample.subarray(0, length);
    expect(new Sha256().update(bytes).hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});

test('pieces of any size are as the whole', () => {
  for (let piece = 1; piece < 140; piece += 3) {
    const hash = new Sha256();
    for (let at = 0; at < sample.length; at += piece) hash.update(sample.subarray(at, at + piece));
    expect(hash.hex()).toBe(createHash('sha256').update(sample).digest('hex'));
  }
});

