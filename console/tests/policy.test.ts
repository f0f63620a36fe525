import { expect, test } from 'vitest';
import { checkPolicy, looksPublic, matches, pretty, readyPolicies } from '../src/s3/policy';

test('ready policies are valid, and those that are public say so', () => {
  for (const ready of readyPolicies) {
    const text = JSON.stringify(ready.build('bucket', 'arn:aws:iam::org:user/a'), null, 2);
    expect(checkPolicy(text, 'bucket')).toEqual([]);
    expect(looksPublic(text)).toBe(ready.isPublic);
  }
});

test('slips are shown where they are', () => {
  const text = (change: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', ...change }] }, null, 2);
  expect(checkPolicy(text({}), 'b')).toEqual([]);
  expect(checkPolicy(text({ Action: 'GetObject' }), 'b')[0]!).toEqual({ message: 'Statement 1: "GetObject" is not an action of S3.', line: 7 });
  expect(checkPolicy(text({ Resource: 'arn:aws:s3:::other/*' }), 'b')[0]!.message).toMatch(/not in this bucket/);
  expect(checkPolicy(text({ Effect: 'allow' }), 'b')[0]!.message).toMatch(/Allow/);
  expect(checkPolicy(text({ Principle: '*' }), 'b')[0]!.message).toMatch(/Principle/);
  expect(checkPolicy(text({ NotAction: 's3:*' }), 'b')[0]!.message).toMatch(/one of them/);
  expect(checkPolicy('{', 'b')[0]!.message).toMatch(/not JSON/);
  expect(checkPolicy('[]', 'b')[0]!.message).toMatch(/object/);
});

test('public is what everyone may without a condition', () => {
  const of = (statement: object) => looksPublic(JSON.stringify({ Statement: statement }));
  expect(of({ Effect: 'Allow', Principal: { AWS: '*' } })).toBe(true);
  expect(of({ Effect: 'Deny', Principal: '*' })).toBe(false);
  expect(of({ Effect: 'Allow', Principal: '*', Condition: {} })).toBe(false);
  expect(looksPublic('not json')).toBe(false);
});

test.each([
  ['*', '', true], ['', '', true], ['', 'a', false], ['a*', 'a', true], ['a*c', 'abbc', true], ['a*c', 'abcb', false], ['*b*d', 'abcbd', true], ['a?c', 'abc', true], ['a?c', 'ac', false], ['?*', '', false], ['a.c', 'abc', false], ['**', 'x', true], ['*aab', 'aaaab', true], ['*ab', 'aab', true],
])('the pattern %j and %j', (pattern, text, is) => expect(matches(pattern, text)).toBe(is));

test('a stored policy with many wildcards does not hang the page', () => {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'*a'.repeat(60)}c/*` }] });
  expect(checkPolicy(text, 'a'.repeat(63))[0]!.message).toMatch(/not in this bucket/);
  expect(matches(`${'*'.repeat(60)}b`, 'a'.repeat(63))).toBe(false);
  expect(matches(`${'*a'.repeat(60)}c`, 'a'.repeat(63))).toBe(false);
});

test('a JSON text is formatted only where that changes nothing that it says', () => {
  expect(pretty('{"a":1,"b":["x y"]}')).toBe('{\n  "a": 1,\n  "b": [\n    "x y"\n  ]\n}');
  for (const text of ['{"id":12345678901234567890}', '{"a":1,"a":2}', '{"n":1.0}', '{"2":0,"1":0}', '{"big":1e400}', 'not json']) expect(pretty(text)).toBe(text);
  const long = `{"a":"${'x'.repeat(1 << 20)}"}`;
  expect(pretty(long).length).toBeGreaterThan(long.length);
});
