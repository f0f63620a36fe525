import type { Schemas } from '../api/client';

type Accelerator = Schemas['AcceleratorView'];

/** The part of the reads that came from the cache as a whole, 0 to 1; null while there were none. What passes through is no read of a cached object. */
export function hitRatio(...all: Pick<Accelerator, 'hits' | 'partials' | 'misses'>[]): number | null {
  const hits = all.reduce((sum, one) => sum + one.hits, 0);
  const reads = all.reduce((sum, one) => sum + one.hits + one.partials + one.misses, 0);
  return reads === 0 ? null : hits / reads;
}

/** Of 99.96 % not everything was a hit. */
export const percent = (part: number | null) => (part === null ? '–' : part === 1 ? '100 %' : `${(Math.floor(part * 1000) / 10).toFixed(1)} %`);

/** Bytes that clients got, by where they came from. */
export const sources = (...all: Pick<Accelerator, 'bytesFromCache' | 'bytesFromPeers' | 'bytesFromUpstream'>[]) =>
  all.reduce((sum, one) => ({ cache: sum.cache + one.bytesFromCache, peers: sum.peers + one.bytesFromPeers, server: sum.server + one.bytesFromUpstream }), { cache: 0, peers: 0, server: 0 });
