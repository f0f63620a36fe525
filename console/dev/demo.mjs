// Fills an empty server with what the pictures show. Everything goes through the console's own calls.
import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';

/** The root user's key; that of `tarn serve --dev` where no other is said. */
export const { TARN_ROOT_ACCESS_KEY: accessKey = 'tarndev', TARN_ROOT_SECRET_KEY: secretKey = 'tarndevsecret', CHROMIUM = '/usr/bin/chromium' } = process.env;

/** Has the page say what its content security policy refused: as an error, which the scripts count. */
export const reportPolicy = (page) =>
  page.evaluateOnNewDocument(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sample} ${location.href}`)));

/** A session of the console, as a script has it. */
export async function signIn(url, accessKey, secretKey) {
  // What a browser says of itself, which the server asks for where a cookie counts.
  const mark = { 'x-tarn-console': randomBytes(32).toString('base64url'), 'content-type': 'application/json', origin: new URL(url).origin };
  const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: mark, body: JSON.stringify({ accessKey, secretKey }) });
  if (!answer.ok) throw new Error(`signing in: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.get('set-cookie').split(';')[0];
  const call = async (method, path, body) => {
    const reply = await fetch(url + path, { method, headers: { ...mark, cookie }, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await reply.text();
    return { status: reply.status, data: text ? JSON.parse(text).data : null, text };
  };
  const s3 = async (method, bucket, key, body, { query, headers } = {}) => {
    const { data } = await call('POST', '/api/presign', { method, bucket, key, query, headers });
    return fetch(data.url, { method, headers: data.headers, body });
  };
  return { cookie, proof: mark['x-tarn-console'], call, s3 };
}

/** A PNG of a sky over water, so that there is something to see. */
export function picture(width, height, hue) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const t = y / height;
      const ridge = 0.42 + 0.1 * Math.sin(x / 37 + hue) + 0.05 * Math.sin(x / 11 + hue * 2);
      const [r, g, b] = t < ridge ? [150 + 90 * t, 190 + 30 * t, 225 - 20 * t + hue * 3] : t < 0.62 ? [40 + hue * 6, 70 + 20 * t, 80] : [30, 110 + 30 * Math.sin(y / 3 + x / 40), 130 + 20 * t];
      rows.set([r, g, b].map((c) => Math.max(0, Math.min(255, Math.round(c)))), y * (width * 3 + 1) + 1 + x * 3);
    }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(zlib.crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function checksum(text) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(zlib.crc32(text));
  return bytes.toString('base64');
}

export async function fill(url, accessKey, secretKey) {
  const { call, s3 } = await signIn(url, accessKey, secretKey);
  for (const bucket of ['backups', 'photos', 'reports', 'site-assets', 'telemetry']) await s3('PUT', bucket);
  await s3('PUT', 'reports', undefined, '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>', { query: { versioning: '' } });
  const put = (bucket, key, body, type, headers = {}) => s3('PUT', bucket, key, body, { headers: { 'content-type': type, ...headers } });
  for (let i = 0; i < 9; i++) await put('photos', `2026/july/lake-${String(i + 1).padStart(2, '0')}.png`, picture(480, 300, i), 'image/png', i === 0 ? { 'x-amz-meta-camera': 'X100VI', 'x-amz-tagging': 'album=summer&public=no' } : {});
  for (const folder of ['2025/august/', '2026/may/', '2026/august/']) await put('photos', `${folder}contact.txt`, 'See july.\n', 'text/plain');
  for (const quarter of [1, 2, 3]) await put('reports', 'annual/summary.md', `# Summary\n\nRevised ${quarter} times.\n\n| Quarter | Requests | Errors |\n|---|---:|---:|\n| Q1 | 1,204,331 | 12 |\n| Q2 | 1,530,872 | 9 |\n\n- Growth is steady.\n- See [the data](https://example.com/data).\n\n\`\`\`\naws s3 ls s3://reports/\n\`\`\`\n`, 'text/markdown');
  await put('reports', 'annual/regions.csv', 'region,requests,bytes\n' + Array.from({ length: 40 }, (_, i) => `region-${i + 1},${1000 + i * 137},${(i + 1) * 52428800}`).join('\n') + '\n', 'text/csv');
  await put('reports', 'config.json', JSON.stringify({ name: 'reports', keep: 12, targets: ['eu', 'us'], notify: { mail: true } }), 'application/json');
  await put('site-assets', 'index.html', '<h1>Shown as text</h1><script>document.title = "no"</script>', 'text/html');
  await put('site-assets', 'logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><circle r="9"/></svg>', 'image/svg+xml');
  for (let i = 0; i < 60; i++) await put('telemetry', `node-${String(i % 6)}/2026-11-${String((i % 30) + 1).padStart(2, '0')}.log`, `${i} ok\n`.repeat(200), 'text/plain');
  const rules = '<LifecycleConfiguration><Rule><ID>old telemetry</ID><Filter><Prefix>node-</Prefix></Filter><Status>Enabled</Status><Expiration><Days>30</Days></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>';
  await s3('PUT', 'telemetry', undefined, rules, { query: { lifecycle: '' }, headers: { 'x-amz-checksum-crc32': checksum(rules) } });
  await s3('POST', 'backups', 'nightly.tar', undefined, { query: { uploads: '' } });
  for (const [name, groups] of [['ada', ['engineering']], ['grace', ['engineering', 'on-call']], ['linus', ['readers']]]) await call('POST', '/api/organizations/root/users', { name, groups });
  await call('POST', '/api/keys', { user: 'linus', policy: 'read-only', durationSeconds: 2592000 });
  await call('POST', '/api/tokens', { name: 'deploy', description: 'Publishes the site' });
  await call('POST', '/api/accelerators/tokens', { name: 'gpu-1', zone: 'rack-7', networks: ['192.0.2.0/24'], domains: ['s3.rack-7.example'] });
  await call('POST', '/api/accelerators/clears', { bucket: 'photos' });
  await call('POST', '/api/accelerators/clears', { bucketId: 4711, name: 'gpu-1' });
  await call('POST', '/api/organizations', { name: 'northwind', displayName: 'Northwind Traders', email: 'ops@northwind.example' });
  await call('PUT', '/api/organizations/root/policies/engineering', { version: 'v1alpha1', name: 'engineering', statements: [{ name: 'read-reports', effect: 'Allow', actions: ['s3:GetObject', 's3:ListBucket'], resources: ['reports', 'reports/*'], principals: ['group/engineering'] }] });
  const { data } = await call('POST', '/api/disks', { name: 'media' });
  if (data) {
    await call('PUT', `/api/disks/${data.diskId}/writing`, { writing: true });
    await call('POST', `/api/disks/${data.diskId}/directories`, { path: 'clips/2026', parents: true });
    await call('PUT', `/api/disks/${data.diskId}/files?path=clips/2026/notes.txt`, 'Cut the second scene.');
    await call('POST', `/api/disks/${data.diskId}/users`, { type: 's3', nickname: 'render farm' });
  }
  await call('POST', '/api/issuers', { name: 'workforce', url: 'https://idp.example.com', audiences: ['tarn-console'], console: { clientId: 'tarn-console', clientSecret: 'of nobody', title: 'Single sign-on' } });
  await call('POST', '/api/organizations/root/roles', { name: 'analysts', issuer: 'workforce', audiences: ['tarn-console'], conditions: { StringEquals: { groups: 'analysts' } } });
  await call('POST', '/api/shares', { bucket: 'photos', key: '2026/july/lake-01.png', expiresIn: 86400 });
  await call('POST', '/api/jobs', { kind: 'copy', bucket: 'photos', prefix: '2026/july/', toBucket: 'backups', toPrefix: 'july/' });
  await call('POST', '/api/jobs', { kind: 'delete', bucket: 'telemetry', prefix: 'node-5/' });
  // Refusals, for Activity to explain: by someone without credentials.
  const { data: link } = await call('POST', '/api/presign', { method: 'GET', bucket: 'reports', key: 'config.json' });
  for (let i = 0; i < 3; i++) await fetch(link.url.split('?')[0]);
  await s3('GET', 'photos', 'not-there.png');
}
