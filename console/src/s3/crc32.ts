/**
 * CRC-32 (ISO-HDLC), by which parts are compared and checked on their way. Not by the browser's own digests: those exist only in
 * secure contexts, and a console on plain HTTP in a private network is none.
 */
const tables = (() => {
  const all = Array.from({ length: 8 }, () => new Uint32Array(256));
  const [first] = all as [Uint32Array];
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    first[i] = value >>> 0;
  }
  for (let t = 1; t < 8; t++) for (let i = 0; i < 256; i++) all[t]![i] = (all[t - 1]![i]! >>> 8) ^ first[all[t - 1]![i]! & 0xff]!;
  return all;
})();

/** Goes on from the checksum of the bytes before; begin with 0. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      t7[low & 0xff]! ^ t6[(low >>> 8) & 0xff]! ^ t5[(low >>> 16) & 0xff]! ^ t4[low >>> 24]! ^
      t3[bytes[i + 4]!]! ^ t2[bytes[i + 5]!]! ^ t1[bytes[i + 6]!]! ^ t0[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}

/** Four bytes, the highest first, in Base64, as S3 has it. */
export function toBase64(crc: number) {
  return btoa(String.fromCharCode(crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff));
}

export const crc32Base64 = (bytes: Uint8Array) => toBase64(crc32(bytes));

/** The header by which the server checks a document that it is sent. */
export const checksumHeader = (text: string) => ({ 'x-amz-checksum-crc32': crc32Base64(new TextEncoder().encode(text)) });

/** The checksum of a file or a part of one, read in pieces, so that the page stays responsive and memory small. */
export async function crc32OfBlob(blob: Blob, signal?: AbortSignal): Promise<string> {
  const step = 1 << 20;
  let crc = 0;
  for (let offset = 0; offset < blob.size; offset += step) {
    signal?.throwIfAborted();
    crc = crc32(new Uint8Array(await blob.slice(offset, offset + step).arrayBuffer()), crc);
  }
  return toBase64(crc);
}
