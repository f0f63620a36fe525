import { MantineProvider } from '@mantine/core';
import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { copyText } from '../src/app/clipboard';
import SecretOnce from '../src/components/SecretOnce';
import { secrets } from '../src/components/secrets';
import { Copy } from '../src/components/Text';
import { whyNot } from '../src/pages/SignIn';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
beforeAll(() => {
  // What Mantine asks of a browser that jsdom is not.
  window.matchMedia = ((query: string) => ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined, addListener: () => undefined, removeListener: () => undefined, dispatchEvent: () => false, onchange: null })) as unknown as typeof window.matchMedia;
  Object.defineProperty(document, 'fonts', { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });
  window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} } as unknown as typeof ResizeObserver;
});
let root: Root;
async function show(node: ReactNode) {
  const box = document.createElement('div');
  document.body.append(box);
  root = createRoot(box);
  await act(async () => root.render(<MantineProvider env="test">{node}</MantineProvider>));
}
let copied: string | null = null;
let isAllowed = true;
beforeEach(() => {
  copied = null;
  isAllowed = true;
  document.execCommand = (command) => {
    const field = document.activeElement as HTMLTextAreaElement;
    if (command !== 'copy' || !isAllowed) return false;
    copied = field.value.slice(field.selectionStart, field.selectionEnd);
    return true;
  };
});
afterEach(async () => {
  await act(async () => root?.unmount());
  secrets.show(null);
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

test('on plain HTTP a text is copied by what is selected, and the focus stays where it was', async () => {
  const button = document.createElement('button');
  document.body.append(button);
  button.focus();
  expect(await copyText('a secret')).toBe(true);
  expect([copied, document.activeElement, document.querySelector('textarea')]).toEqual(['a secret', button, null]);
  isAllowed = false;
  expect(await copyText('x')).toBe(false);
});

test('the browser\'s clipboard is used where there is one', async () => {
  const written: string[] = [];
  vi.stubGlobal('navigator', { clipboard: { writeText: async (text: string) => void written.push(text) } });
  expect(await copyText('t')).toBe(true);
  expect([written, copied]).toEqual([['t'], null]);
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('refused')) } });
  expect(await copyText('u')).toBe(true);
  expect(copied).toBe('u');
});

test('where nothing can be copied the text is shown, to be copied by hand', async () => {
  isAllowed = false;
  await show(<Copy value="by hand" />);
  await act(async () => document.querySelector<HTMLButtonElement>('button[aria-label="Copy"]')!.click());
  expect([...document.querySelectorAll('textarea')].some((field) => field.value === 'by hand' && field.readOnly)).toBe(true);
});

test('a secret that is shown once goes only when somebody says that it is stored', async () => {
  await show(<SecretOnce />);
  await act(async () => secrets.show({ title: 'Access key', items: [['Access key', 'AK'], ['Secret key', 'S3CRET']] }));
  expect(document.body.textContent).toContain('S3CRET');
  const button = () => [...document.querySelectorAll<HTMLButtonElement>('button')].find((one) => one.textContent === 'Done')!;
  expect(button().disabled).toBe(true);
  await act(async () => document.querySelector<HTMLInputElement>('input[type=checkbox]')!.click());
  await act(async () => button().click());
  expect(secrets.get()).toBeNull();
});

test('why a provider did not sign one in: only by codes that are known', () => {
  const texts = ['denied', 'state', 'issuer', 'provider', 'token', 'role', 'limit'].map(whyNot);
  expect(new Set(texts).size).toBe(7);
  for (const code of [undefined, '', '__proto__', 'constructor', '<b>', 'toString']) expect(whyNot(code)).toMatch(/did not confirm/);
});
