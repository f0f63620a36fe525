/** Numbers and times as people read them. The exact value is in the title of what shows them. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${count} B` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const grouped = new Intl.NumberFormat('en-US');
export const count = (value: number) => grouped.format(value);
export const many = (value: number, one: string, more = one + 's') => `${count(value)} ${value === 1 ? one : more}`;

export function short(value: number): string {
  if (value < 1000) return Number.isInteger(value) ? String(value) : value.toFixed(1);
  const [scale, letter] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  return `${(value / scale).toFixed(value / scale < 10 ? 1 : 0)}${letter}`;
}

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
export const dateTime = (iso: string) => (Number.isNaN(Date.parse(iso)) ? iso : date.format(new Date(iso)));
export const exactTime = (iso: string) => (Number.isNaN(Date.parse(iso)) ? iso : exact.format(new Date(iso)));

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60]];

export function ago(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Number.isNaN(seconds)) return iso;
  for (const [unit, length] of steps) if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  return 'just now';
}

export function duration(seconds: number): string {
  if (seconds < 1) return 'under a second';
  const parts: string[] = [];
  let left = Math.round(seconds);
  for (const [unit, length] of [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]] as const) {
    if (left >= length && parts.length < 2) parts.push(`${Math.floor(left / length)} ${unit}`);
    left %= length;
  }
  return parts.join(' ');
}

export const milliseconds = (value: number) => (value < 10 ? `${value.toFixed(1)} ms` : value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

/**
 * A name as it is shown: characters that would reorder the text, or be invisible, are made visible, so that no name looks like another:
 * controls, formats, what browsers leave out (default-ignorable, variation selectors and tags among them), unpaired surrogates, and other
 * spaces than the space.
 */
export function visible(text: string): string {
  return text.replace(hidden, (c) => `\u2423${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
}
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800]/gu;

/** The last name of a key or prefix. */
export const baseName = (key: string) => key.replace(/\/$/, '').split('/').pop() || key;
export const parentOf = (key: string) => key.slice(0, key.replace(/\/$/, '').lastIndexOf('/') + 1);
