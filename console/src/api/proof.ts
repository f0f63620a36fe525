const name = 'tarn-proof';

/** Where the browser keeps nothing, the session ends for the page with the page. */
let unkept: string | null = null;

const isProof = (text: string | null): text is string => text !== null && /^[A-Za-z0-9_-]{43}$/.test(text);

/**
 * What proves that this page began its session: 32 random bytes as Base64url, in storage that is of this origin with its port, unlike cookies. All tabs have the same one, since they have the same
 * cookie. The server keeps its digest with the session and refuses what changes something without it.
 */
export function proof(): string {
  const kept = read();
  if (kept !== null) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const made = btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace('=', '');
  try {
    localStorage.setItem(name, made);
  } catch {
    // Storage is full or forbidden: this page alone has it. Otherwise it would go on with it when another tab has signed out.
    unkept = made;
  }
  return made;
}

/** The next session has a proof of its own. */
export function forgetProof() {
  unkept = null;
  try {
    localStorage.removeItem(name);
  } catch {
    // There is none.
  }
}

function read() {
  try {
    const kept = localStorage.getItem(name);
    return isProof(kept) ? kept : unkept;
  } catch {
    return unkept;
  }
}
