import { ApiError, consoleHeader, watchRefusal } from '../api/client';
import { presign, refusalOf, unreachable, type S3Call } from '../s3/client';

export interface Sent {
  header(name: string): string | null;
  text: string;
}

/** Sends a body and reports its progress, which fetch cannot. */
export function send(method: string, url: string, headers: Record<string, string>, body: Blob, onProgress: (bytes: number) => void, signal: AbortSignal, sameOrigin: boolean): Promise<Sent> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError());
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    const abort = () => request.abort();
    signal.addEventListener('abort', abort);
    request.onloadend = () => signal.removeEventListener('abort', abort);
    request.onabort = () => reject(abortError());
    request.onerror = () => reject(sameOrigin ? new ApiError('The connection to the server broke.', 0) : unreachable(url));
    request.onload = () => {
      const header = (name: string) => request.getResponseHeader(name);
      if (request.status >= 200 && request.status < 300) resolve({ header, text: request.responseText });
      else if (sameOrigin) reject(controlRefusal(request));
      else reject(refusalOf(request.status, request.responseText, header('x-amz-request-id')));
    };
    request.send(body);
  });
}

const abortError = () => new DOMException('Aborted', 'AbortError');

function controlRefusal(request: XMLHttpRequest) {
  watchRefusal(request.status);
  let message = `The server answered with status ${request.status}.`;
  try {
    message = (JSON.parse(request.responseText) as { error?: string }).error ?? message;
  } catch {
    // A proxy's page: the status says what there is to say.
  }
  return new ApiError(message, request.status, request.getResponseHeader('x-request-id'));
}

/** To S3, by a URL that is made for this one request. */
export async function sendS3(call: S3Call, body: Blob, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Sent> {
  const { url, headers } = await presign(call, signal);
  return send(call.method, url, headers, body, onProgress, signal, false);
}

/** To the control API, for files of disks. */
export const sendControl = (method: string, path: string, body: Blob, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Sent> =>
  send(method, path, { ...consoleHeader, 'Content-Type': 'application/octet-stream' }, body, onProgress, signal, true);

const passing = new Set([0, 408, 429, 500, 502, 503, 504]);
export const isPassing = (error: unknown) => error instanceof ApiError && passing.has(error.status);

/** Tries again what may work the next time: up to five times, after 0.5, 1, 2 and 4 seconds, each a little different. */
export async function retrying<T>(attempt: () => Promise<T>, signal: AbortSignal, sleep = pause, random = Math.random): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || tries >= 5 || !isPassing(error)) throw error;
      await sleep(500 * 2 ** (tries - 1) * (0.75 + random() / 2), signal);
    }
  }
}

export function pause(milliseconds: number, signal: AbortSignal) {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(abortError());
    }, { once: true });
  });
}

/** At most so many at a time, in the order they ask. */
export class Slots {
  private waiting: (() => void)[] = [];
  private taken = 0;
  constructor(private readonly count: number) {}
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.taken >= this.count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.taken++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.taken--;
    }
  }
}
