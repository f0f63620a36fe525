import { api, ApiError, call, type Schemas } from '../api/client';
import { identity } from '../api/identity';
import { checksumHeader } from './crc32';
import { Draft, draftDocument, parseXml, type XmlNode } from './xml';

export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  bucket?: string;
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Seconds that the URL is valid; minutes, as it is made anew for each request. */
  expiresIn?: number;
}

type Presigned = Schemas['PresignedView'];

/** A URL that the session's principal has signed. The S3 pipeline decides about it as about any other request. */
export async function presign(request: S3Call, signal?: AbortSignal): Promise<Presigned> {
  const made = await call(api.POST('/api/presign', { body: { expiresIn: 300, ...request }, signal: signal ?? null }));
  await identity.check(made.url);
  return made;
}

/** What S3 answered with an error document, or an answer without one, as a refusal. */
export async function refusal(response: Response): Promise<ApiError> {
  return refusalOf(response.status, await response.text().catch(() => ''), response.headers.get('x-amz-request-id'));
}

export function refusalOf(status: number, body: string, requestId: string | null): ApiError {
  const error = body ? parseXml(body) : null;
  const code = error?.text('Code') ?? byStatus(status);
  return new ApiError(error?.text('Message') ?? `S3 answered with status ${status}.`, status, error?.text('RequestId') ?? requestId, code);
}

const byStatus = (status: number) => (status === 403 ? 'AccessDenied' : status === 404 ? 'NotFound' : status === 412 ? 'PreconditionFailed' : String(status));

export async function s3(request: S3Call, body?: Blob | string | null, signal?: AbortSignal): Promise<Response> {
  const { url, headers } = await presign(request, signal);
  let response: Response;
  try {
    // Only where an answer could come from a cache: browsers send Cache-Control with it, which with a PUT is a header of the object, and refused for a bucket.
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    response = await fetch(url, { method: request.method, headers, body: body ?? null, credentials: 'omit', ...(isRead ? { cache: 'no-store' } : {}), signal: signal ?? null });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable(url);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export const unreachable = (url: string) =>
  new ApiError(`Your browser cannot use the S3 endpoint ${new URL(url).origin}: it did not answer, or does not allow this page to read what it answers.`, 0);

/** As {@link s3}, for an answer with a document. */
export const s3Document = async (request: S3Call, body?: string | null, signal?: AbortSignal): Promise<XmlNode> => (await s3Answer(request, body, signal)).root;

/** As {@link s3Document}, with the id of the request: what is refused within a document has none of its own. */
export async function s3Answer(request: S3Call, body?: string | null, signal?: AbortSignal): Promise<{ root: XmlNode; requestId: string | null }> {
  const response = await s3(request, body, signal);
  const root = parseXml(await response.text());
  if (!root) throw new ApiError('S3 answered with something that is not XML. Is there another program at its address?', response.status);
  // CompleteMultipartUpload and CopyObject may begin with status 200 and end with an error.
  if (root.name === 'Error') throw new ApiError(root.text('Message') ?? 'S3 failed.', response.status, root.text('RequestId'), root.text('Code') ?? 'InternalError');
  return { root, requestId: response.headers.get('x-amz-request-id') };
}

/** The document of a bucket's setting, or null where `absent` is the code for one that is not set. */
export async function s3Setting(bucket: string, setting: string, ...absent: string[]): Promise<XmlNode | null> {
  try {
    return await s3Document({ method: 'GET', bucket, query: { [setting]: '' } });
  } catch (error) {
    if (error instanceof ApiError && error.code !== null && absent.includes(error.code)) return null;
    throw error;
  }
}

/** Replaces or, without a document, removes a bucket's setting. */
export async function putSetting(bucket: string, setting: string, text: string | null): Promise<void> {
  if (text === null) return void (await s3({ method: 'DELETE', bucket, query: { [setting]: '' } }));
  await s3({ method: 'PUT', bucket, query: { [setting]: '' }, headers: checksumHeader(text) }, text);
}

/**
 * Changes a bucket's setting in the document that is stored now, so that what the form does not show stays in it.
 * @param change returns the changed root; null removes the setting.
 */
export async function editSetting(bucket: string, setting: string, root: string, absent: string[], change: (root: Draft) => Draft | null): Promise<void> {
  const changed = change((await s3Setting(bucket, setting, ...absent))?.draft() ?? new Draft(root));
  await putSetting(bucket, setting, changed && draftDocument(changed));
}

/** A form shows what was stored when it was opened; what somebody else stored since then is not overwritten. */
export function throwIfChanged(before: readonly { source: Draft | null }[], now: readonly Draft[]) {
  const texts = (list: readonly (Draft | null)[]) => list.map((one) => one?.write() ?? '').join('');
  if (texts(before.map((one) => one.source)) !== texts(now)) throw new ApiError('Somebody else changed this setting meanwhile. Close the form, look at what is there now, and change it again.', 409);
}

/**
 * Whether this browser can use the S3 endpoint. Any readable answer says yes, a refusal too: that CORS lets it be read is what matters. The
 * request is signed, so that those who look for refusals do not find this page among them.
 */
export async function reaches(): Promise<boolean> {
  try {
    await s3({ method: 'GET', query: { 'max-buckets': '1' } });
    return true;
  } catch (error) {
    return !(error instanceof ApiError && error.status === 0);
  }
}
