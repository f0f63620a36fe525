import { expect, test } from 'vitest';
import { refusalOf } from '../src/s3/client';
import { copySource, decodeName, nameOf, parsePage, parseVersions } from '../src/s3/listing';
import { decodeWords, encodeWord, factsOf } from '../src/s3/object';
import { corsWith, parseCors } from '../src/s3/settings';
import { document as write, Draft, draftDocument, parseXml } from '../src/s3/xml';

const page = (inner: string) => parseXml(`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`)!;

test('a page of a folder: folders first, the marker of the folder itself left out, names decoded', () => {
  const found = parsePage(
    page('<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken><CommonPrefixes><Prefix>a/b%20c/</Prefix></CommonPrefixes><Contents><Key>a/</Key><Size>0</Size></Contents><Contents><Key>a/x%2By%0A.txt</Key><Size>5</Size><ETag>"e"</ETag></Contents>'),
    'a/',
  );
  expect(found.entries.map((entry) => nameOf(entry, 'a/'))).toEqual(['b c/', 'x+y\n.txt']);
  expect(found.next).toBe('t1');
});

test('a marker that has bytes is an object', () => {
  expect(parsePage(page('<Contents><Key>a/</Key><Size>3</Size></Contents>'), 'a/').entries).toHaveLength(1);
});

test('names: a plus is a plus, and what is not encoded is left as it is', () => {
  expect(decodeName('a+b%2Bc')).toBe('a+b+c');
  expect(decodeName('100%')).toBe('100%');
});

test('versions and delete markers', () => {
  const { versions, next } = parseVersions(
    page('<IsTruncated>true</IsTruncated><NextKeyMarker>k%2F1</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker><Version><Key>k</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest><Size>4</Size></Version><DeleteMarker><Key>k</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest></DeleteMarker>'),
  );
  expect(versions.map((version) => [version.versionId, version.isMarker, version.isLatest])).toEqual([['v1', false, false], ['v2', true, true]]);
  expect(next).toEqual({ key: 'k/1', versionId: 'v9' });
});

test('an error document, one that is none, and none at all', () => {
  const error = refusalOf(403, '<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>ID1</RequestId></Error>', 'ID2');
  expect([error.code, error.message, error.requestId, error.isExplained]).toEqual(['AccessDenied', 'Access Denied', 'ID1', true]);
  expect(refusalOf(502, '<html><body>Bad gateway', null).message).toBe('S3 answered with status 502.');
  expect(refusalOf(404, '', 'ID3')).toMatchObject({ code: 'NotFound', requestId: 'ID3' });
});

test('text in XML comes back as it was written', () => {
  const text = '<a> & "b" \' ]]> \n\t é';
  expect(parseXml(write('Root', { Value: text }))!.text('Value')).toBe(text);
});

test('cross-origin rules survive reading and writing', () => {
  const rules = [{ id: 'one', origins: ['https://a.example', 'https://*.b.example'], methods: ['GET', 'PUT'], headers: ['*'], exposed: ['ETag'], maxAge: 60, source: null }];
  expect(parseCors(parseXml(draftDocument(corsWith(new Draft('CORSConfiguration'), rules)))).map((one) => ({ ...one, source: null }))).toEqual(rules);
});

test('the source of a copy', () => {
  expect(copySource('b', 'a b/c+d?.txt', 'v 1')).toBe('/b/a%20b/c%2Bd%3F.txt?versionId=v%201');
});

test('metadata beyond ASCII', () => {
  expect(encodeWord('plain')).toBe('plain');
  expect(decodeWords(encodeWord('Grüße <b>'))).toBe('Grüße <b>');
  expect(decodeWords('=?UTF-8?Q?a_=C3=A9?=')).toBe('a é');
  expect(decodeWords('=?UTF-8?B?/w==?=')).toBe('=?UTF-8?B?/w==?=');
  const facts = factsOf(new Headers({ 'content-length': '7', 'content-type': 'text/plain', 'x-amz-meta-a': '=?UTF-8?B?w6k=?=', 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-type': 'FULL_OBJECT' }));
  expect(facts).toMatchObject({ size: 7, metadata: [{ name: 'a', value: 'é', raw: '=?UTF-8?B?w6k=?=' }], checksums: [['CRC32', 'AAAAAA==']] });
});
