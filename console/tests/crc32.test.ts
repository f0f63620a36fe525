import { expect, test } from 'vitest';
import { crc32, crc32Base64, crc32OfBlob } from '../src/s3/crc32';

test('the check value of the catalogue of CRCs', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('goes on from any cut', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) & 0xff);
  for (const cut of [0, 1, 7, 8, 9, 500, 999, 1000]) expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
});

test('a blob that is read in pieces has the checksum of its bytes', async () => {
  const bytes = Uint8Array.from({ length: (1 << 20) + 17 }, (_, i) => (i * 7) & 0xff);
  const blob = { size: bytes.length, slice: (from: number, to: number) => ({ arrayBuffer: async () => bytes.slice(from, to).buffer }) } as unknown as Blob;
  expect(await crc32OfBlob(blob)).toBe(crc32Base64(bytes));
});
