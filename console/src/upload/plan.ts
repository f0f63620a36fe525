const mib = 1 << 20;

/** Up to this many bytes a file is sent with one request. */
export const wholeLimit = 16 * mib;

/** The size of the parts of a file: 8 MiB, more where that made above 1,000 parts, up to 64 MiB, and more again where S3's 10,000 parts would not be enough. */
export function partSizeOf(size: number): number {
  const up = (bytes: number) => Math.ceil(bytes / mib) * mib;
  return Math.max(8 * mib, Math.min(64 * mib, up(size / 1000)), up(size / 10_000));
}

export interface Part {
  /** From 1. */
  number: number;
  from: number;
  to: number;
}

export function partsOf(size: number, partSize: number): Part[] {
  const parts: Part[] = [];
  for (let from = 0, number = 1; from < size || number === 1; from += partSize, number++) parts.push({ number, from, to: Math.min(size, from + partSize) });
  return parts;
}

/** Seconds until the end at the speed of now; null where that cannot be said. */
export const remainingSeconds = (left: number, bytesPerSecond: number) => (bytesPerSecond > 0 ? left / bytesPerSecond : null);
