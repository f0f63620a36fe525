/** Bucket policies: a first check in the browser, so that slips are shown where they are. The server decides what it accepts. */

interface PolicyProblem {
  message: string;
  line: number | null;
}

interface ReadyPolicy {
  name: string;
  title: string;
  /** What it does, in a sentence. */
  about: string;
  isPublic: boolean;
  build(bucket: string, principal: string): object;
}

const statement = (sid: string, principal: unknown, actions: string[], resources: string[], effect = 'Allow', condition?: object) => ({
  Sid: sid, Effect: effect, Principal: principal, Action: actions, Resource: resources, ...(condition ? { Condition: condition } : {}),
});
const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const of = (bucket: string) => [`arn:aws:s3:::${bucket}`];
const inside = (bucket: string) => [`arn:aws:s3:::${bucket}/*`];

export const readyPolicies: ReadyPolicy[] = [
  {
    name: 'read-only', title: 'Read only', about: 'One user lists the bucket and reads its objects.', isPublic: false,
    build: (bucket, who) => policy(statement('List', { AWS: [who] }, ['s3:ListBucket', 's3:GetBucketLocation'], of(bucket)), statement('Read', { AWS: [who] }, ['s3:GetObject'], inside(bucket))),
  },
  {
    name: 'read-write', title: 'Read and write', about: 'One user lists, reads, writes and deletes.', isPublic: false,
    build: (bucket, who) =>
      policy(
        statement('List', { AWS: [who] }, ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'], of(bucket)),
        statement('Use', { AWS: [who] }, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], inside(bucket)),
      ),
  },
  {
    name: 'write-only', title: 'Write only', about: 'One user writes objects, and can neither list nor read them.', isPublic: false,
    build: (bucket, who) => policy(statement('Write', { AWS: [who] }, ['s3:PutObject', 's3:AbortMultipartUpload'], inside(bucket))),
  },
  {
    name: 'tls-only', title: 'TLS only', about: 'Refuses every request that is not encrypted.', isPublic: false,
    build: (bucket) => policy(statement('TlsOnly', '*', ['s3:*'], [...of(bucket), ...inside(bucket)], 'Deny', { Bool: { 'aws:SecureTransport': 'false' } })),
  },
  {
    name: 'public-read', title: 'Public read', about: 'Anyone reads any object whose key they know. Nobody else can list.', isPublic: true,
    build: (bucket) => policy(statement('PublicRead', '*', ['s3:GetObject'], inside(bucket))),
  },
];

/** Where in a text JSON.parse stopped, from 1; null if its message does not say. */
function lineOf(text: string, message: string): number | null {
  const line = /line (\d+)/.exec(message);
  if (line) return Number(line[1]);
  const position = /position (\d+)/.exec(message);
  return position ? text.slice(0, Number(position[1])).split('\n').length : null;
}

export function checkPolicy(text: string, bucket: string): PolicyProblem[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ message: `This is not JSON: ${message}`, line: lineOf(text, message) }];
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return [{ message: 'A policy is an object.', line: 1 }];
  const problems: PolicyProblem[] = [];
  const add = (message: string, near?: string) => {
    const index = near === undefined ? -1 : text.indexOf(JSON.stringify(near));
    problems.push({ message, line: index < 0 ? null : text.slice(0, index).split('\n').length });
  };
  const { Version: version, Statement: statements, ...rest } = parsed as Record<string, unknown>;
  if (version !== '2012-10-17' && version !== '2008-10-17') add('"Version" must be "2012-10-17".', 'Version');
  for (const name of Object.keys(rest)) if (name !== 'Id') add(`"${name}" is not part of a policy.`, name);
  const list = Array.isArray(statements) ? statements : statements === undefined ? [] : [statements];
  if (list.length === 0) add('"Statement" has no statement.', 'Statement');
  list.forEach((item: unknown, index) => {
    const where = `Statement ${index + 1}`;
    if (typeof item !== 'object' || item === null) return add(`${where} is not an object.`);
    const s = item as Record<string, unknown>;
    if (s.Effect !== 'Allow' && s.Effect !== 'Deny') add(`${where}: "Effect" is "Allow" or "Deny".`, 'Effect');
    for (const name of ['Principal', 'Action', 'Resource']) if ((s[name] === undefined) === (s[`Not${name}`] === undefined)) add(`${where} needs "${name}" or "Not${name}", one of them.`);
    for (const name of Object.keys(s)) if (!known.has(name)) add(`${where}: "${name}" is not part of a statement.`, name);
    for (const action of texts(s.Action ?? s.NotAction)) if (action !== '*' && !/^s3:[A-Za-z*?]+$/.test(action)) add(`${where}: "${action}" is not an action of S3.`, action);
    for (const resource of texts(s.Resource ?? s.NotResource))
      if (!reaches(resource, bucket))
        add(`${where}: "${resource}" is not in this bucket.`, resource);
  });
  return problems;
}

/** Whether a resource, which may have wildcards, can be the bucket or something in it. */
function reaches(resource: string, bucket: string): boolean {
  const [name = ''] = resource.replace(/^arn:aws:s3:::/, '').split('/', 1);
  return resource === '*' || (resource.startsWith('arn:aws:s3:::') && matches(name, bucket));
}

/** Whether a text is what a pattern says, with `*` for any characters and `?` for one. It takes the product of both lengths at most, whatever the pattern: only the last `*` is ever gone back to. */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let taken = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      taken = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++taken;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

const known = new Set(['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');

/** Whether the text allows something to everyone without a condition: what a warning is shown for before it is saved. */
export function looksPublic(text: string): boolean {
  try {
    const { Statement: statements } = JSON.parse(text) as { Statement?: unknown };
    return (Array.isArray(statements) ? statements : [statements]).some((item) => {
      const s = item as Record<string, unknown> | null | undefined;
      const principal = s?.Principal as string | { AWS?: unknown } | undefined;
      return s?.Effect === 'Allow' && s.Condition === undefined && (principal === '*' || texts(typeof principal === 'object' ? principal.AWS : undefined).includes('*'));
    });
  } catch {
    return false;
  }
}

/** A JSON text, such as a policy, with its lines and indents, where that changes nothing else: names that are there twice, or digits of numbers beyond what JavaScript has, would be lost. */
export function pretty(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    return JSON.stringify(parsed) === text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1') ? JSON.stringify(parsed, null, 2) : text;
  } catch {
    return text;
  }
}
