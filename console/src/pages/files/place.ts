import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/client';
import { diskQuery } from '../../api/lists';
import { useSession } from '../../api/session';
import { readVersioning, type Versioning } from '../../s3/settings';

/** A bucket or a disk, as the file browser and the page of an object see it. */
export interface Place {
  kind: 'bucket' | 'disk';
  /** The name of the bucket that S3 shows: for a disk its id. */
  bucket: string;
  /** As people call it. */
  title: string;
  /** `unknown` while it is read, and to those who may not read it. */
  versioning: Versioning | 'unknown';
  canWrite: boolean;
  disk: Schemas['DiskView'] | null;
}

export const keepsVersions = (place: Pick<Place, 'versioning'>) => place.versioning === 'enabled' || place.versioning === 'suspended';

export function useBucketPlace(bucket: string): Place {
  const versioning = useQuery({ queryKey: ['bucket', bucket, 'versioning'], queryFn: () => readVersioning(bucket), staleTime: 60_000, retry: false });
  return { kind: 'bucket', bucket, title: bucket, versioning: versioning.data ?? 'unknown', canWrite: true, disk: null };
}

export function useDiskPlace(id: string): Place {
  const session = useSession();
  const disk = useQuery({ ...diskQuery(id), staleTime: 30_000, retry: false });
  return { kind: 'disk', bucket: id, title: disk.data?.name ?? id, versioning: 'never', canWrite: session.isRoot && (disk.data?.writing ?? false), disk: disk.data ?? null };
}

/** Links to a folder, to an object and to the settings of a place. */
export const folderLink = (place: Pick<Place, 'kind' | 'bucket'>, prefix: string) =>
  (place.kind === 'bucket'
    ? { to: '/buckets/$bucket', params: { bucket: place.bucket }, search: { prefix: prefix || undefined } }
    : { to: '/disks/$disk', params: { disk: place.bucket }, search: { prefix: prefix || undefined } }) as never as { to: string };

export const objectLink = (place: Pick<Place, 'kind' | 'bucket'>, key: string, version?: string) =>
  (place.kind === 'bucket'
    ? { to: '/buckets/$bucket/object', params: { bucket: place.bucket }, search: { key, version } }
    : { to: '/disks/$disk/object', params: { disk: place.bucket }, search: { key, version } }) as never as { to: string };

export const settingsLink = (place: Pick<Place, 'kind' | 'bucket'>, section: string) =>
  (place.kind === 'bucket'
    ? { to: '/buckets/$bucket/settings/$section', params: { bucket: place.bucket, section } }
    : { to: '/disks/$disk/settings/$section', params: { disk: place.bucket, section } }) as never as { to: string };
