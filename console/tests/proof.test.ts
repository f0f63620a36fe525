import { afterEach, expect, test, vi } from 'vitest';
import { api, call, consoleHeader } from '../src/api/client';
import { forgetProof, proof } from '../src/api/proof';
import { beginOidc, readSession, signOut } from '../src/api/session';

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
  forgetProof();
});

const answer = (status: number, data: unknown) => () => Promise.resolve(new Response(JSON.stringify(status < 400 ? { success: true, data } : { success: false, error: data }), { status }));

test('a proof is 32 random bytes as Base64url, and stays', () => {
  const made = proof();
  expect(made).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(atob(made.replaceAll('-', '+').replaceAll('_', '/'))).toHaveLength(32);
  expect([proof(), consoleHeader['X-Tarn-Console'], localStorage.getItem('tarn-proof')]).toEqual([made, made, made]);
  forgetProof();
  expect(proof()).not.toBe(made);
});

test('what is no proof is replaced', () => {
  for (const kept of ['', '1', 'x'.repeat(44), `${'x'.repeat(42)}=`]) {
    localStorage.setItem('tarn-proof', kept);
    expect(proof()).not.toBe(kept);
  }
});

test('what another tab did counts', () => {
  const made = proof();
  localStorage.removeItem('tarn-proof');
  const next = proof();
  expect(next).not.toBe(made);
  expect(localStorage.getItem('tarn-proof')).toBe(next);
  localStorage.setItem('tarn-proof', made);
  expect(proof()).toBe(made);
});

test('where nothing is kept a page has one proof', () => {
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => { throw new Error('denied'); });
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => { throw new Error('denied'); });
  expect(proof()).toBe(proof());
});

test('every call has it, and signing out forgets it', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(answer(200, { url: 'https://idp.example.com/authorize' }));
  const made = proof();
  await call(api.POST('/api/presign', { body: { method: 'GET' } as never }));
  expect((await beginOidc({ organization: 'a/b', name: 'ü', title: 't' }, '/x')).url).toBe('https://idp.example.com/authorize');
  await signOut();
  const asked = fetched.mock.calls.map(([input, init]) => new Request(input instanceof Request ? input : new URL(String(input), window.location.origin), init));
  expect(asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(['POST /api/presign', 'POST /api/session/oidc/a%2Fb/%C3%BC', 'DELETE /api/session']);
  expect(asked.map(({ headers }) => headers.get('X-Tarn-Console'))).toEqual([made, made, made]);
  expect(proof()).not.toBe(made);
});

test('a sign-out that was refused forgets nothing', async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(answer(503, 'busy'));
  const made = proof();
  await expect(signOut()).rejects.toThrow();
  expect(proof()).toBe(made);
});

test('with the session of another page nobody is signed in', async () => {
  for (const status of [401, 403]) {
    vi.spyOn(globalThis, 'fetch').mockImplementation(answer(status, 'this page did not begin the session: sign in again'));
    expect(await readSession()).toBeNull();
  }
});
