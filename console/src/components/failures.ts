import { ApiError } from '../api/client';

/** What of a change was not done. */
export interface Failure {
  /** The object or folder that it was about. */
  key: string;
  error: unknown;
}

interface Shown {
  title: string;
  list: Failure[];
}

/** What failed of the last change. It is outside of the dialog that asked for the change, and stays until somebody has read it. */
let shown: Shown | null = null;
const listeners = new Set<() => void>();

export const failures = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  get: () => shown,
  show(next: Shown | null) {
    shown = next;
    listeners.forEach((listener) => listener());
  },
};

/** Failures of the same reason together: of one request, where it has an id. */
export function byReason(list: readonly Failure[]): { error: unknown; keys: string[] }[] {
  const groups = new Map<unknown, { error: unknown; keys: string[] }>();
  for (const { key, error } of list) {
    const reason = error instanceof ApiError ? JSON.stringify([error.requestId, error.status, error.code, error.message]) : error;
    const group = groups.get(reason);
    if (group) group.keys.push(key);
    else groups.set(reason, { error, keys: [key] });
  }
  return [...groups.values()];
}
