import { expect, test } from 'vitest';
import { reachOf, type AccessFacts } from '../src/s3/access';
import { factsOf, grantsOf, metadataHeaders } from '../src/s3/object';
import { pretty } from '../src/s3/policy';
import { blockedAccess, openAccess } from '../src/s3/settings';
import { parseXml } from '../src/s3/xml';

const facts = (more: Record<string, string> = {}) => factsOf(new Headers({ etag: '"e1"', 'content-type': 'text/plain', 'x-amz-storage-class': 'STANDARD_IA', ...more }));

test('metadata of any name is read, and what is not changed is sent back as it is stored', () => {
  const stored = { 'x-amz-meta-__proto__': 'p', 'x-amz-meta-constructor': 'c', 'x-amz-meta-word': '=?UTF-8?B?w6k=?=', 'x-amz-meta-old': '=?utf-8?Q?=C3=A9?=' };
  const read = facts(stored);
  expect(read.metadata.map(({ name, value }) => [name, value]).sort()).toEqual([['__proto__', 'p'], ['constructor', 'c'], ['old', 'é'], ['word', 'é']]);
  const headers = metadataHeaders(read, { type: read.type, headers: read.headers, metadata: read.metadata });
  for (const [name, value] of Object.entries(stored)) expect(Object.entries(headers)).toContainEqual([name, value]);
  expect(metadataHeaders(read, { type: '', headers: {}, metadata: [{ name: 'word', value: 'ü' }, { name: '__proto__', value: 'q' }] })).toMatchObject({ 'x-amz-meta-word': '=?UTF-8?B?w7w=?=', 'x-amz-meta-__proto__': 'q' });
});

test('an edit of the metadata keeps the headers of the content, and is of the object that was seen', () => {
  const content = { 'cache-control': 'no-store', 'content-disposition': 'attachment', 'content-encoding': 'gzip', 'content-language': 'de', expires: 'Thu, 01 Jan 2026 00:00:00 GMT' };
  const read = facts(content);
  expect(metadataHeaders(read, { type: read.type, headers: read.headers, metadata: [] })).toEqual({ ...content, 'content-type': 'text/plain', 'x-amz-metadata-directive': 'REPLACE', 'x-amz-copy-source-if-match': '"e1"', 'if-match': '"e1"' });
  expect(read.storageClass).toBe('STANDARD_IA');
});

const acl = (...grants: [string, string][]) =>
  parseXml(`<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList>${grants.map(([who, permission]) => `<Grant><Grantee>${who.startsWith('http') ? `<URI>${who}</URI>` : `<ID>${who}</ID>`}</Grantee><Permission>${permission}</Permission></Grant>`).join('')}</AccessControlList></AccessControlPolicy>`)!;

test('an access control list goes with a copy; the one that every object has is not said', () => {
  expect(grantsOf(acl(['o', 'FULL_CONTROL']))).toEqual({});
  expect(grantsOf(acl(['o', 'FULL_CONTROL'], ['http://acs/AllUsers', 'READ'], ['x', 'READ'], ['x', 'WRITE_ACP'], ['y', 'READ_ACP']))).toEqual({
    'x-amz-grant-full-control': 'id="o"', 'x-amz-grant-read': 'uri="http://acs/AllUsers", id="x"', 'x-amz-grant-write-acp': 'id="x"', 'x-amz-grant-read-acp': 'id="y"',
  });
});

test('the padlock is closed only where everything is known and closed', () => {
  const states: (boolean | null)[] = [true, false, null];
  for (const isPolicyPublic of states)
    for (const isListPublic of states)
      for (const block of [openAccess, blockedAccess, { ...openAccess, restrictPublicBuckets: true }, { ...openAccess, ignorePublicAcls: true }, null])
        for (const ownership of ['BucketOwnerEnforced', 'ObjectWriter', null] as const) {
          const known: AccessFacts = { isPolicyPublic, isListPublic, block, ownership };
          const { reach, by } = reachOf(known);
          const lists = ownership === 'BucketOwnerEnforced' || block?.ignorePublicAcls === true ? false : ownership === null ? null : isListPublic;
          const policy = block?.restrictPublicBuckets ? false : isPolicyPublic;
          const expected = block === null ? 'unknown' : policy === true || lists === true ? 'public' : policy === null || lists === null ? 'unknown' : 'closed';
          expect([reach, JSON.stringify(known)]).toEqual([expected, JSON.stringify(known)]);
          if (reach === 'public') expect(by).toEqual([...(policy ? ['policy'] : []), ...(lists ? ['list'] : [])]);
        }
});

test('a policy is laid out only where that loses nothing', () => {
  expect(pretty('{"a":1,"b":["x y"]}')).toBe('{\n  "a": 1,\n  "b": [\n    "x y"\n  ]\n}');
  expect(pretty('{ "a" : "q\\" \\\\ z" }')).toContain('\n');
  for (const text of ['{"a":1,"a":2}', '{"a":1.0}', '{"a":12345678901234567890}', 'not json', '{"a":"\\u0041"}']) expect(pretty(text)).toBe(text);
});
