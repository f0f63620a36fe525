import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import Markdown, { isTooDeep } from '../src/pages/files/Markdown';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
async function shown(text: string) {
  const box = document.createElement('div');
  await act(async () => createRoot(box).render(<Markdown text={text} />));
  return box;
}

test('no HTML, no images, no scripts, no forms', async () => {
  const box = await shown('<script>x()</script>\n\n<img src=x onerror=y()>\n\n![remote](https://evil.example/a.png)\n\n- [ ] task\n\n<iframe src="//evil.example"></iframe>\n\n<a href="javascript:1">raw</a>');
  expect(box.querySelectorAll('script, img, iframe, input, form, object, svg, style')).toHaveLength(0);
  expect(box.textContent).toContain('[image: remote]');
});

test('links leave only by http, https and mail, and say nothing of this page', async () => {
  const box = await shown('[a](https://a.example) [b](javascript:alert(1)) [c](data:text/html,x) [d](/api/session) [e](//f.example) [g](JaVaScRiPt:1)');
  const links = [...box.querySelectorAll('a')];
  expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://a.example']);
  expect(links[0]!.rel).toContain('noopener');
  expect(links[0]!.rel).toContain('noreferrer');
});

test.each([['quotes', '>'.repeat(50_000) + ' x'], ['lists', '- '.repeat(20_000) + 'x'], ['numbers', '1. '.repeat(5000) + 'x'], ['brackets', '['.repeat(50_000)], ['emphasis', '*'.repeat(50_000) + 'a'], ['indents', Array.from({ length: 400 }, (_, i) => ' '.repeat(i * 2) + '- x').join('\n')], ['mixed', '> - '.repeat(3000) + 'x']])('%s within each other are shown as text', async (_, text) => {
  expect(isTooDeep(text)).toBe(true);
  const box = await shown(text);
  expect(box.querySelectorAll('blockquote, ul, ol')).toHaveLength(0);
  expect(box.textContent).toBe(text);
});

test('what people write is not too deep', () => {
  const nested = Array.from({ length: 12 }, (_, i) => ' '.repeat(i * 2) + '- item').join('\n');
  for (const text of [nested, '> > > quoted', '| a | b |\n|---|---|', '**bold** _x_', '-'.repeat(300), '***', '- - -', '```\n' + ' '.repeat(100) + 'x\n```']) expect(isTooDeep(text)).toBe(false);
});
