import createClient, { type Middleware } from 'openapi-fetch';
import { proof } from './proof';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** What the server or the S3 endpoint refused, or why it could not be asked. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** The HTTP status; 0 if there was no answer. */
    readonly status: number,
    readonly requestId: string | null = null,
    /** The code of S3's error document; null for the control API. */
    readonly code: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether the server can say why: it remembers requests to S3. */
  get isExplained() {
    return this.code !== null && this.requestId !== null;
  }
}

/**
 * Sent with each call. A page of another origin cannot send it, so it is the defence against forged requests; and its value proves that this page began the session, since a page of another
 * port of this host can plant a cookie.
 */
export const consoleHeader = {
  get 'X-Tarn-Console'() {
    return proof();
  },
};

const listeners = new Set<() => void>();
/** Called when the server no longer knows the session. */
export function onSignedOut(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

let isRenewing = false;
export const signedOut = () => {
  if (!isRenewing) listeners.forEach((listener) => listener());
};

/** Does what ends the session and begins another one, without leaving the page in between. */
export async function renewing<T>(work: () => Promise<T>): Promise<T> {
  isRenewing = true;
  try {
    return await work();
  } finally {
    isRenewing = false;
  }
}

const watchSession: Middleware = {
  onResponse({ response, schemaPath }) {
    if (!schemaPath.startsWith('/api/session')) watchRefusal(response.status);
  },
};

/** To be told of every answer that is not about the session itself. */
export function watchRefusal(status: number) {
  if (status === 401) signedOut();
  else if (status === 403) doubtSession();
}

let doubt: Promise<void> | null = null;
/**
 * What was refused with 403 may be nothing that the session may do; or the cookie is no longer that of this page's session, since a page of another port has signed in or planted one. Asking for the session tells,
 * once for all that is refused meanwhile.
 */
const doubtSession = () => {
  doubt ??= done(api.GET('/api/session'))
    .catch((error: unknown) => {
      if (isSignedOut(error)) signedOut();
    })
    .finally(() => {
      doubt = null;
    });
};
/** Ends when it is known whether the page still has its session, if that is being asked. */
export const sessionDoubt = () => doubt ?? Promise.resolve();

/** Whether asking for the session says that this page has none: nobody is signed in, or not by this page, if the cookie is of another's (403). */
export const isSignedOut = (error: unknown) => error instanceof ApiError && (error.status === 401 || error.status === 403);

const prove: Middleware = {
  onRequest({ request }) {
    request.headers.set('X-Tarn-Console', proof());
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin', fetch: (request) => globalThis.fetch(request) });
api.use(prove, watchSession);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function messageOf(error: unknown, status: number) {
  if (typeof error === 'object' && error !== null && 'error' in error && typeof error.error === 'string') return sentence(error.error);
  if (status === 502 || status === 504) return 'The proxy in front of the server got no answer from it.';
  return `The server answered with status ${status}.`;
}

/** The control API's messages begin in lower case and have no full stop. */
export function sentence(text: string) {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : upper + '.';
}

/** The data of an enveloped answer, or an {@link ApiError}. */
export async function call<T>(pending: Promise<Answer<{ data: T } | undefined>>): Promise<T> {
  const { data, error, response } = await reach(pending);
  if (!response.ok || data === undefined) throw new ApiError(messageOf(error, response.status), response.status, response.headers.get('x-request-id'));
  return data.data;
}

/** As {@link call}, for endpoints that answer nothing of interest. */
export async function done(pending: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await reach(pending);
  if (!response.ok) throw new ApiError(messageOf(error, response.status), response.status, response.headers.get('x-request-id'));
}

async function reach<T>(pending: Promise<T>): Promise<T> {
  try {
    return await pending;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('The server cannot be reached. It may be restarting, or the network is down.', 0);
  }
}
