import { ApiError } from '../api/client';
import { s3Document } from './client';
import { readIsPublic, readOwnership, readPublicAccessBlock, type Ownership, type PublicAccessBlock } from './settings';

/** What is known about who reaches a bucket; null for what could not be read. */
export interface AccessFacts {
  /** Of the policy, as the server judges it. */
  isPolicyPublic: boolean | null;
  /** Whether the bucket's list lets everyone in, or everyone with credentials of any organization. */
  isListPublic: boolean | null;
  block: PublicAccessBlock | null;
  ownership: Ownership | null;
}

interface Reach {
  reach: 'public' | 'closed' | 'unknown';
  by: ('policy' | 'list')[];
  /** What would have to be read to know it. */
  missing: string[];
  /** Whether lists of single objects may open these. */
  hasObjectLists: boolean;
}

export function reachOf({ isPolicyPublic, isListPublic, block, ownership }: AccessFacts): Reach {
  const missing: string[] = [];
  const by: Reach['by'] = [];
  if (block === null) missing.push('the block of public access');
  const restricts = block?.restrictPublicBuckets ?? false;
  if (isPolicyPublic === null && !restricts) missing.push('its policy');
  if (isPolicyPublic === true && block && !restricts) by.push('policy');
  // Lists count unless the ownership turns them off, or the block ignores those that are public.
  const ignores = ownership === 'BucketOwnerEnforced' || (block?.ignorePublicAcls ?? false);
  if (ownership === null && !ignores) missing.push('the object ownership');
  if (isListPublic === null && !ignores) missing.push('its access control list');
  if (isListPublic === true && !ignores && ownership !== null && block) by.push('list');
  return { reach: by.length > 0 ? 'public' : missing.length > 0 ? 'unknown' : 'closed', by, missing, hasObjectLists: !ignores };
}

const everyone = ['http://acs.amazonaws.com/groups/global/AllUsers', 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'];

async function readIsListPublic(bucket: string) {
  const root = await s3Document({ method: 'GET', bucket, query: { acl: '' } });
  return (root.child('AccessControlList')?.all('Grant') ?? []).some((grant) => everyone.includes(grant.child('Grantee')?.text('URI') ?? ''));
}

/** Null for what this principal may not read; other failures are failures. */
async function unlessDenied<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  }
}

export async function readAccess(bucket: string): Promise<AccessFacts> {
  const [isPolicyPublic, isListPublic, block, ownership] = await Promise.all([
    unlessDenied(readIsPublic(bucket)), unlessDenied(readIsListPublic(bucket)), unlessDenied(readPublicAccessBlock(bucket)),
    // A bucket without the setting takes no lists.
    unlessDenied(readOwnership(bucket).then((found) => found ?? 'BucketOwnerEnforced')),
  ]);
  return { isPolicyPublic, isListPublic, block, ownership };
}
