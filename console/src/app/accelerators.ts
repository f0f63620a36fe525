import type { Schemas } from '../api/client';
import { count, many } from './format';

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

/** How far a clear is. Of many that have not done it, the first are named. */
export function clearState({ accelerators, waiting }: Pick<Schemas['AcceleratorClearView'], 'accelerators' | 'waiting'>): string {
  if (accelerators === 0) return 'no accelerator is there';
  if (waiting.length === 0) return accelerators === 1 ? 'done' : `done by all ${count(accelerators)}`;
  const named = waiting.slice(0, 3).join(', ');
  return waiting.length > 3 ? `waiting for ${named} and ${many(waiting.length - 3, 'other')}` : `waiting for ${named}`;
}
