import { s3, s3Document } from '../s3/client';
import type { RecordStore, UploadRecord } from './records';
import { sendS3, type Slots } from './transport';

/** What an upload needs of its surroundings. Tests give others. */
export interface Surroundings {
  slots: Slots;
  records: RecordStore;
  principal: string;
  document: typeof s3Document;
  plain: typeof s3;
  send: typeof sendS3;
  now(): number;
  newId(): string;
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** That what is there may be replaced, if it is still this; an entity tag of null where it could not be seen. */
export interface Replace {
  etag: string | null;
}

export interface Work {
  place: string;
  key: string;
  file: File;
  contentType: string;
  /** Null: nothing is replaced. */
  replace: Replace | null;
  record: UploadRecord | null;
  signal: AbortSignal;
  /** Bytes that have arrived, of the whole file. */
  onProgress(sent: number): void;
  onChecking(isChecking: boolean): void;
  onRecord(record: UploadRecord | null): void;
}

/** Something is there already, and nobody said that it may be replaced. */
export class ExistsError extends Error {
  constructor(
    readonly key: string,
    /** Its entity tag; null if that may not be read. */
    readonly etag: string | null,
  ) {
    super('There is an object of this name already.');
  }
}
