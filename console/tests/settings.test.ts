import { expect, test } from 'vitest';
import { lifecycleWith, parseLifecycle } from '../src/s3/lifecycle';
import { blockWith, corsWith, loggingWith, ownershipWith, parseCors, parseLogging, parseTags, tagsWith, versioningWith } from '../src/s3/settings';
import { throwIfChanged } from '../src/s3/client';
import { Draft, draftDocument, parseXml, type XmlNode } from '../src/s3/xml';

/** Numbers that are the same in each run. */
function random(seed: number) {
  let state = seed + 1;
  const next = () => (state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0) / 2 ** 32;
  return { next, below: (n: number) => Math.floor(next() * n), is: (part = 0.5) => next() < part };
}
type Random = ReturnType<typeof random>;

const leaf = (name: string, text: string | number) => new Draft(name, [], String(text));
const word = (r: Random) => ['a', 'logs/', 'x & <y>', 'é\u{1f600}', '__proto__', '"'][r.below(6)]! + r.below(100);
/** What no form knows: members of a later S3, at any depth. */
function strangers(r: Random): Draft[] {
  return Array.from({ length: r.below(3) }, () => {
    const name = `Later${r.below(1000)}`;
    return r.is() ? leaf(name, word(r)) : new Draft(name, r.is() ? [['kind', word(r)]] : [], '', [leaf('Inner', word(r)), leaf('Days', r.below(9))]);
  });
}
function element(r: Random, name: string, children: (Draft | false)[]): Draft {
  const all = [...children.filter((child) => child !== false), ...strangers(r)];
  // In any order.
  for (let i = all.length - 1; i > 0; i--) {
    const j = r.below(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return new Draft(name, [], '', all);
}
const tag = (r: Random, i: number) => element(r, 'Tag', [leaf('Key', `k${i}`), leaf('Value', word(r))]);
const some = (r: Random, most: number, make: (i: number) => Draft) => Array.from({ length: r.below(most + 1) }, (_, i) => make(i));

function filter(r: Random) {
  const parts = [...(r.is() ? [leaf('Prefix', word(r))] : []), ...some(r, 2, (i) => tag(r, i)), ...(r.is(0.3) ? [leaf('ObjectSizeGreaterThan', 5)] : [])];
  return parts.length > 1 ? element(r, 'Filter', [element(r, 'And', parts)]) : new Draft('Filter', [], '', parts.length ? parts : [leaf('Prefix', '')]);
}
const documents: Record<string, (r: Random) => Draft> = {
  lifecycle: (r) => element(r, 'LifecycleConfiguration', some(r, 3, () => element(r, 'Rule', [
    r.is() && leaf('ID', word(r)), r.is(0.2) ? leaf('Prefix', word(r)) : filter(r), leaf('Status', r.is() ? 'Enabled' : 'Disabled'),
    r.is() && element(r, 'Expiration', [r.is() ? leaf('Days', 1 + r.below(9)) : leaf('Date', '2027-01-01T00:00:00.000Z')]),
    r.is() && element(r, 'NoncurrentVersionExpiration', [leaf('NoncurrentDays', 3), r.is() && leaf('NewerNoncurrentVersions', 2)]),
    r.is() && element(r, 'AbortIncompleteMultipartUpload', [leaf('DaysAfterInitiation', 7)]),
    r.is() && element(r, 'Transition', [leaf('Days', 30), leaf('StorageClass', 'GLACIER')]), r.is() && element(r, 'NoncurrentVersionTransition', [leaf('NoncurrentDays', 30)]),
  ]))),
  cors: (r) => element(r, 'CORSConfiguration', some(r, 3, () => element(r, 'CORSRule', [
    r.is() && leaf('ID', word(r)), ...some(r, 2, () => leaf('AllowedOrigin', word(r))), leaf('AllowedMethod', 'GET'), ...some(r, 2, () => leaf('AllowedHeader', word(r))), ...some(r, 2, () => leaf('ExposeHeader', word(r))),
    r.is() && leaf('MaxAgeSeconds', 60),
  ]))),
  logging: (r) => element(r, 'BucketLoggingStatus', [r.is(0.8) && element(r, 'LoggingEnabled', [
    leaf('TargetBucket', 'logs'), leaf('TargetPrefix', word(r)), r.is() && element(r, 'TargetGrants', [element(r, 'Grant', [leaf('Permission', 'READ'), element(r, 'Grantee', [leaf('ID', word(r))])])]),
    r.is() && element(r, 'TargetObjectKeyFormat', [element(r, 'PartitionedPrefix', [leaf('PartitionDateSource', 'EventTime')])]),
  ])]),
  tags: (r) => element(r, 'Tagging', [element(r, 'TagSet', some(r, 5, (i) => tag(r, i)))]),
  versioning: (r) => element(r, 'VersioningConfiguration', [leaf('Status', 'Enabled'), r.is() && leaf('MfaDelete', 'Disabled')]),
  ownership: (r) => element(r, 'OwnershipControls', [element(r, 'Rule', [leaf('ObjectOwnership', 'ObjectWriter')])]),
  block: (r) => element(r, 'PublicAccessBlockConfiguration', ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map((name) => leaf(name, 'true'))),
};
/** Writes what a form shows of a document without a change. */
const saved: Record<string, (root: XmlNode) => Draft> = {
  lifecycle: (root) => lifecycleWith(root.draft(), parseLifecycle(root)),
  cors: (root) => corsWith(root.draft(), parseCors(root)),
  logging: (root) => loggingWith(root.draft(), parseLogging(root)),
  tags: (root) => tagsWith(root.draft(), parseTags(root)),
  versioning: (root) => versioningWith(root.draft(), true),
  ownership: (root) => ownershipWith(root.draft(), 'ObjectWriter'),
  block: (root) => blockWith(root.draft(), { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true }),
};
/** Writes it with something changed that the form shows; returns also the name of the members that may differ. */
const changed: Record<string, (root: XmlNode) => Draft> = {
  lifecycle: (root) => lifecycleWith(root.draft(), parseLifecycle(root).map((rule) => ({ ...rule, prefix: rule.prefix + 'more/', isEnabled: !rule.isEnabled, tags: [{ key: 'new', value: '1' }], abortDays: null }))),
  cors: (root) => corsWith(root.draft(), parseCors(root).map((rule) => ({ ...rule, origins: ['https://new.example'], maxAge: 1 }))),
  logging: (root) => loggingWith(root.draft(), { target: 'other', prefix: 'new/' }),
  tags: (root) => tagsWith(root.draft(), parseTags(root).map((one) => ({ ...one, value: 'new' }))),
  versioning: (root) => versioningWith(root.draft(), false),
  ownership: (root) => ownershipWith(root.draft(), 'BucketOwnerEnforced'),
  block: (root) => blockWith(root.draft(), { blockPublicAcls: false, ignorePublicAcls: true, blockPublicPolicy: false, restrictPublicBuckets: true }),
};

/** The same for documents whose elements have another order. */
const sorted = (draft: Draft): string => `<${draft.name} ${draft.attributes.join()}>${draft.children.length ? draft.children.map(sorted).sort().join('') : draft.text}</>`;
const read = (draft: Draft) => parseXml(draftDocument(draft))!;
/** The members that no form shows, with where they are; the filter of a rule may become several conditions within `And`. */
const unknown = (draft: Draft, path = ''): string[] =>
  draft.children.flatMap((child) => (/^(Later|Target[GO]|Transition|NoncurrentVersionT|Mfa)/.test(child.name) ? [`${path}/${sorted(child)}`] : unknown(child, child.name === 'And' || child.name === 'Tag' ? path : `${path}/${child.name}`))).sort();

for (const [family, make] of Object.entries(documents)) {
  test(`${family}: what is saved without a change is what was there`, () => {
    for (let seed = 0; seed < 200; seed++) {
      const root = read(make(random(seed)));
      expect(sorted(read(saved[family]!(root)).draft())).toBe(sorted(root.draft()));
    }
  });
  test(`${family}: a change keeps what the form does not show`, () => {
    let kept = 0;
    for (let seed = 0; seed < 200; seed++) {
      const root = read(make(random(seed)));
      // The tags of a rule are replaced, with what is in them.
      const had = unknown(family === 'lifecycle' ? withoutTags(root.draft()) : root.draft());
      const result = unknown(family === 'lifecycle' ? withoutTags(read(changed[family]!(root)).draft()) : read(changed[family]!(root)).draft());
      expect(result).toEqual(had);
      kept += had.length;
    }
    expect(kept).toBeGreaterThan(50);
  });
}
function withoutTags(draft: Draft): Draft {
  return new Draft(draft.name, draft.attributes, draft.text, draft.children.filter((child) => child.name !== 'Tag').map(withoutTags));
}

test('a change that somebody else made meanwhile is not overwritten', () => {
  const root = read(documents.cors!(random(7)));
  const rules = parseCors(root);
  expect(rules.length).toBeGreaterThan(0);
  throwIfChanged(rules, root.draft().all('CORSRule'));
  expect(() => throwIfChanged(rules, [])).toThrow(/Somebody else/);
  expect(() => throwIfChanged([], root.draft().all('CORSRule'))).toThrow(/Somebody else/);
});

test('the texts of documents with other prefixes are theirs, and attributes keep their meaning', () => {
  const grantee = parseXml('<a:Root xmlns:a="http://s3.amazonaws.com/doc/2006-03-01/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a:Grantee i:type="Group"><a:URI>u</a:URI></a:Grantee></a:Root>')!.draft().child('Grantee')!;
  expect(parseXml(grantee.write())).not.toBeNull();
  expect(grantee.write()).toBe('<Grantee xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Group"><URI>u</URI></Grantee>');
});
