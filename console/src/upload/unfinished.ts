import { ApiError } from '../api/client';
import { s3, s3Document } from '../s3/client';
import { decodeName } from '../s3/listing';

export interface UnfinishedUpload {
  key: string;
  uploadId: string;
  initiated: string;
  initiator: string;
}

/** Uploads of a bucket that nobody has completed: at most 1,000. */
export async function unfinishedUploads(bucket: string, prefix = ''): Promise<{ uploads: UnfinishedUpload[]; isTruncated: boolean }> {
  const root = await s3Document({ method: 'GET', bucket, query: { uploads: '', 'encoding-type': 'url', prefix } });
  return {
    uploads: root.all('Upload').map((node) => ({
      key: decodeName(node.text('Key') ?? ''), uploadId: node.text('UploadId') ?? '', initiated: node.text('Initiated') ?? '',
      initiator: node.child('Initiator')?.text('DisplayName') ?? node.child('Initiator')?.text('ID') ?? '',
    })),
    isTruncated: root.flag('IsTruncated'),
  };
}

/** Ends an upload and what arrived of it; one that is gone already is ended, and so is one whose bucket is gone. */
export async function abortUpload(bucket: string, key: string, uploadId: string) {
  try {
    await s3({ method: 'DELETE', bucket, key, query: { uploadId } });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
