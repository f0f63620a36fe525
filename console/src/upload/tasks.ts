import type { ApiError } from '../api/client';
import { abortDiskUpload, uploadToDisk } from './disk';
import { openLeases, type Leases } from './lease';
import { uploadToBucket } from './multipart';
import { openRecords, type RecordStore, type UploadRecord } from './records';
import { abortUpload } from './unfinished';
import type { Surroundings, Work } from './work';

export type TaskState = 'waiting' | 'checking' | 'sending' | 'paused' | 'exists' | 'failed' | 'done';
/** Whether an upload is under way, or about to be. */
export const isRunning = (state: TaskState) => state === 'waiting' || state === 'checking' || state === 'sending';

export interface Task {
  readonly id: string;
  readonly kind: 'bucket' | 'disk';
  readonly place: string;
  readonly key: string;
  readonly size: number;
  readonly state: TaskState;
  readonly sent: number;
  readonly error: ApiError | Error | null;
  /** Why it is paused, where nobody asked for that. */
  readonly note: string | null;
}

export interface Snapshot {
  tasks: readonly Task[];
  /** Uploads of before this page, which go on when their file is picked again. */
  interrupted: readonly UploadRecord[];
  bytesPerSecond: number;
}

export interface Wanted {
  key: string;
  file: File;
}

type Upload = (work: Work, around: Surroundings) => Promise<void>;

/** What the engine works with. Tests give others. */
export interface Tools {
  records: RecordStore;
  leases: Leases;
  upload: Record<Task['kind'], Upload>;
  abort: Record<Task['kind'], (record: UploadRecord) => Promise<void>>;
}
export const tools = (): Tools => ({
  records: openRecords(), leases: openLeases(), upload: { bucket: uploadToBucket, disk: uploadToDisk },
  abort: { bucket: ({ place, key, uploadId }) => abortUpload(place, key, uploadId), disk: ({ place, uploadId }) => abortDiskUpload(place, uploadId) },
});
