import { editSetting, s3Setting, throwIfChanged } from './client';
import { listVersions, newestFirst, type Version, type VersionPage } from './listing';
import { tagElements, tagsOf, type Tag, type Versioning } from './settings';
import { Draft, type XmlNode } from './xml';

/** A lifecycle rule as the form has it: null where something is off, and NaN for days or an empty date where it is on and nothing is said yet. */
export interface LifecycleRule {
  id: string;
  isEnabled: boolean;
  prefix: string;
  tags: Tag[];
  minSize: number | null;
  maxSize: number | null;
  /** Days until the newest version expires. */
  days: number | null;
  /** A day, `2026-12-31`, instead of days. */
  date: string | null;
  removeMarkers: boolean;
  noncurrentDays: number | null;
  keepVersions: number | null;
  abortDays: number | null;
  /** The element that it was read from, of which what the form does not show is kept; null for a new rule. */
  source: Draft | null;
}

export const emptyRule: LifecycleRule = {
  id: '', isEnabled: true, prefix: '', tags: [], minSize: null, maxSize: null, days: null, date: null, removeMarkers: false, noncurrentDays: null, keepVersions: null, abortDays: null, source: null,
};

const number = (node: XmlNode | null | undefined, name: string) => (node?.text(name) === null || node?.text(name) === undefined ? null : node.number(name));

export function parseLifecycle(root: XmlNode | null): LifecycleRule[] {
  return root?.all('Rule').map((rule) => {
    const filter = rule.child('Filter');
    const inner = filter?.child('And') ?? filter;
    const expiration = rule.child('Expiration');
    const noncurrent = rule.child('NoncurrentVersionExpiration');
    return {
      id: rule.text('ID') ?? '',
      isEnabled: rule.text('Status') === 'Enabled',
      prefix: inner?.text('Prefix') ?? rule.text('Prefix') ?? '',
      tags: tagsOf(inner),
      minSize: number(inner, 'ObjectSizeGreaterThan'),
      maxSize: number(inner, 'ObjectSizeLessThan'),
      days: number(expiration, 'Days'),
      date: expiration?.text('Date')?.slice(0, 10) ?? null,
      removeMarkers: expiration?.flag('ExpiredObjectDeleteMarker') ?? false,
      noncurrentDays: number(noncurrent, 'NoncurrentDays'),
      keepVersions: number(noncurrent, 'NewerNoncurrentVersions'),
      abortDays: number(rule.child('AbortIncompleteMultipartUpload'), 'DaysAfterInitiation'),
      source: rule.draft(),
    };
  }) ?? [];
}

const conditions = ['Prefix', 'Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'];

/** The filter: one condition stands alone, several within `And`. */
function writeFilter(element: Draft, rule: LifecycleRule) {
  // The form of before filters: a prefix beside them. It stays while a prefix is all that there is.
  const isOld = !element.child('Filter') && element.child('Prefix') !== null && rule.tags.length === 0 && rule.minSize === null && rule.maxSize === null;
  if (isOld) return void element.put('Prefix', rule.prefix);
  element.set('Prefix', []);
  const filter = element.open('Filter');
  const and = filter.child('And');
  const old = and ?? filter;
  const tags = tagElements(old, rule.tags);
  const others = old.children.filter((child) => !conditions.includes(child.name) && child.name !== 'And');
  const count = Number(rule.prefix !== '') + tags.length + Number(rule.minSize !== null) + Number(rule.maxSize !== null) + others.length;
  const into = count > 1 ? (and ?? new Draft('And', [], '', others)) : filter;
  if (count > 1) filter.children = [into, ...filter.children.filter((child) => child.name !== 'And' && !conditions.includes(child.name) && !others.includes(child))];
  else filter.children = [...filter.children.filter((child) => child.name !== 'And'), ...(and ? others : [])];
  into.put('Prefix', rule.prefix !== '' || count === 0 ? rule.prefix : null).set('Tag', tags).put('ObjectSizeGreaterThan', rule.minSize).put('ObjectSizeLessThan', rule.maxSize);
}

/** Changes members of a child, and removes it when nothing is left in it. */
function within(element: Draft, name: string, change: (child: Draft) => void) {
  const child = element.open(name);
  change(child);
  if (child.children.length === 0) element.set(name, []);
}

function ruleElement(rule: LifecycleRule): Draft {
  const element = rule.source?.copy() ?? new Draft('Rule');
  element.put('ID', rule.id || null);
  writeFilter(element, rule);
  element.put('Status', rule.isEnabled ? 'Enabled' : 'Disabled');
  within(element, 'Expiration', (child) => {
    const date = child.child('Date')?.text ?? '';
    child.put('Days', rule.days).put('Date', rule.date === null ? null : date.slice(0, 10) === rule.date ? date : `${rule.date}T00:00:00Z`);
    if ((child.child('ExpiredObjectDeleteMarker')?.text === 'true') !== rule.removeMarkers) child.put('ExpiredObjectDeleteMarker', rule.removeMarkers ? true : null);
  });
  within(element, 'NoncurrentVersionExpiration', (child) => child.put('NoncurrentDays', rule.noncurrentDays).put('NewerNoncurrentVersions', rule.noncurrentDays === null ? null : rule.keepVersions));
  within(element, 'AbortIncompleteMultipartUpload', (child) => child.put('DaysAfterInitiation', rule.abortDays));
  return element;
}

export const lifecycleWith = (root: Draft, rules: LifecycleRule[]) => root.set('Rule', rules.map(ruleElement));

/** What is wrong with a rule, for its author; null if nothing is. */
export function problemOf(rule: LifecycleRule): string | null {
  if (rule.days === null && rule.date === null && !rule.removeMarkers && rule.noncurrentDays === null && rule.abortDays === null) return 'Say what the rule removes.';
  if (rule.days !== null && rule.date !== null) return 'Objects expire after days or on a date, not both.';
  if (rule.removeMarkers && (rule.days !== null || rule.date !== null)) return 'A rule that expires objects removes their delete markers anyway.';
  if (rule.keepVersions !== null && rule.noncurrentDays === null) return 'Versions that are kept need a number of days for the others.';
  if (rule.minSize !== null && rule.maxSize !== null && rule.maxSize <= rule.minSize + 1) return 'No size is between these two.';
  if (rule.abortDays !== null && (rule.tags.length > 0 || rule.minSize !== null || rule.maxSize !== null)) return 'Uploads have no tags and no size yet: leave these out, or make another rule for uploads.';
  if ((rule.removeMarkers || rule.abortDays !== null) && rule.tags.length > 0) return 'Delete markers have no tags.';
  for (const days of [rule.days, rule.noncurrentDays, rule.abortDays]) if (days !== null && (!Number.isInteger(days) || days < 1)) return 'Days are whole numbers from 1.';
  for (const size of [rule.minSize, rule.maxSize]) if (size !== null && (!Number.isInteger(size) || size < 0)) return 'Sizes are whole numbers of bytes.';
  if (rule.date !== null && !isDay(rule.date)) return 'Choose the day on which objects expire.';
  if (rule.tags.some((tag) => tag.key === '')) return 'A tag needs a key.';
  return null;
}

/** Whether a text is a day that there is, as `2026-12-31`. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Whether a rule may remove something in all of the bucket as soon as it is saved: nothing but sizes narrows it, and what it removes may be due already. Its author should have seen what that is.
 */
export const mayEmpty = (rule: LifecycleRule, now: number) =>
  rule.isEnabled && rule.prefix === '' && rule.tags.length === 0 && (rule.days !== null || rule.noncurrentDays !== null || (rule.date !== null && Date.parse(rule.date) <= now));

const day = 86_400_000;

/** The time at which something is a number of days old: as S3 counts, at the first midnight UTC after that. */
export const dueAt = (since: number, days: number) => Math.ceil((since + days * day) / day) * day;

/** The order of S3, which is that of the bytes of UTF-8; that of JavaScript's strings is another for what is beyond 16 bits. */
function byCodePoint(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  if (i > 0 && /[\udc00-\udfff]/.test((a[i] ?? '') + (b[i] ?? ''))) i--;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

export interface Preview {
  current: number;
  noncurrent: number;
  markers: number;
  bytes: number;
  /** Some of the keys, for people to recognise. */
  examples: { key: string; why: 'expires' | 'old version' | 'delete marker' }[];
}

/** Of the versions of one key, the newest first, those that the rule would remove now. Tags are not in a listing, so a rule with tags removes at most this. */
export function removedOf(rule: LifecycleRule, versions: Version[], now: number, isVersioned: boolean): { version: Version; why: Preview['examples'][number]['why'] }[] {
  const found: ReturnType<typeof removedOf> = [];
  const fits = (version: Version) => (rule.minSize === null || version.size > rule.minSize) && (rule.maxSize === null || version.size < rule.maxSize);
  versions.forEach((version, index) => {
    const modified = Date.parse(version.modified);
    if (version.isLatest) {
      if (version.isMarker) {
        if (versions.length === 1 && (rule.removeMarkers || (rule.days !== null && now >= dueAt(modified, rule.days)))) found.push({ version, why: 'delete marker' });
      } else if (fits(version)) {
        const isDue = rule.days !== null ? now >= dueAt(modified, rule.days) : rule.date !== null && now >= Date.parse(rule.date);
        if (isDue) found.push({ version, why: 'expires' });
      }
    } else if (isVersioned && rule.noncurrentDays !== null && (version.isMarker || fits(version))) {
      // A version is noncurrent since the one after it was written.
      const since = Date.parse(versions[index - 1]?.modified ?? version.modified);
      if (now >= dueAt(since, rule.noncurrentDays) && index - 1 >= (rule.keepVersions ?? 0)) found.push({ version, why: 'old version' });
    }
  });
  return found;
}

export type PreviewResult = Preview & {
  keys: number;
  isComplete: boolean;
  /** Why it ended before the end of the bucket. */
  end: 'all' | 'keys' | 'time' | 'stopped';
};

/** What a rule would remove now. Ends after 1,000 keys or 5 seconds or when it is stopped, with what was found until then. */
export async function previewRule(
  bucket: string, rule: LifecycleRule, versioning: Versioning, signal: AbortSignal, now = Date.now, list = listVersions, limit = () => AbortSignal.timeout(5000),
): Promise<PreviewResult> {
  const preview: Preview = { current: 0, noncurrent: 0, markers: 0, bytes: 0, examples: [] };
  const isVersioned = versioning !== 'never';
  const began = now();
  let keys = 0;
  let from: VersionPage['next'] = null;
  let group: Version[] = [];
  const close = () => {
    if (group.length === 0) return;
    keys++;
    for (const { version, why } of removedOf(rule, newestFirst(group), now(), isVersioned)) {
      if (why === 'expires') preview.current++;
      else if (why === 'old version') preview.noncurrent++;
      else preview.markers++;
      // A delete marker hides what expires; suspended, it takes the place of the version null.
      if (why !== 'expires' || versioning === 'never' || (versioning === 'suspended' && version.versionId === 'null')) preview.bytes += version.size;
      if (preview.examples.length < 20) preview.examples.push({ key: version.key, why });
    }
    group = [];
  };
  const late = limit();
  const result = (end: PreviewResult['end']): PreviewResult => ({ ...preview, keys, end, isComplete: end === 'all' });
  for (;;) {
    let page: VersionPage;
    try {
      page = await list(bucket, rule.prefix, from, AbortSignal.any([signal, late]));
    } catch (error) {
      if (signal.aborted) return result('stopped');
      if (late.aborted) return result('time');
      throw error;
    }
    const sorted = page.versions.sort((a, b) => byCodePoint(a.key, b.key));
    for (const version of sorted) {
      if (group[0] && group[0].key !== version.key) close();
      if (keys >= 1000) return result('keys');
      group.push(version);
    }
    from = page.next;
    if (!from) break;
    if (now() - began >= 5000) return result('time');
  }
  close();
  return result('all');
}

export const readLifecycle = async (bucket: string) => parseLifecycle(await s3Setting(bucket, 'lifecycle', 'NoSuchLifecycleConfiguration'));
export const writeLifecycle = (bucket: string, before: LifecycleRule[], rules: LifecycleRule[]) =>
  editSetting(bucket, 'lifecycle', 'LifecycleConfiguration', ['NoSuchLifecycleConfiguration'], (root) => {
    throwIfChanged(before, root.all('Rule'));
    return rules.length ? lifecycleWith(root, rules) : null;
  });
