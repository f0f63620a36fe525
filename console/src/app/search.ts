/**
 * The query of a page's address as plain texts, so that a key is one whatever it looks like: neither a number, nor JSON.
 * A key is in the query and not in the path because browsers resolve `.` and `..` in paths.
 */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.startsWith('?') ? text.slice(1) : text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString().replaceAll('%2F', '/');
  return text ? `?${text}` : '';
}
