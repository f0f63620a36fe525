import type { ReactNode } from 'react';

export interface Secret {
  title: string;
  /** Names and values; those with a secret among them. */
  items: [string, string][];
  more?: ReactNode;
}

/** The secret that is shown now. It is outside of the pages: one that is shown once must not go away with a page, or with the session. */
let shown: Secret | null = null;
const listeners = new Set<() => void>();

export const secrets = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  get: () => shown,
  show(secret: Secret | null) {
    shown = secret;
    listeners.forEach((listener) => listener());
  },
};
