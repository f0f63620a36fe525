// What the checks of the console in a real browser have alike: the browser, its pages, and what went wrong.
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import { CHROMIUM, reportPolicy } from '../dev/demo.mjs';

export const { url } = parseArgs({ options: { url: { type: 'string', default: 'http://127.0.0.1:9001' } } }).values;
export const problems = [];
export const check = (is, what) => (is ? console.log(`  ok ${what}`) : (problems.push(what), console.log(`  FAILED ${what}`)));
export const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });

/** A page whose errors are problems, but for those of the console that are expected. */
export async function openPage(expected) {
  const page = await browser.newPage();
  await reportPolicy(page);
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && !expected.test(message.text()) && problems.push(`console: ${message.text()}`));
  return page;
}

export async function finish() {
  await browser.close();
  console.log(problems.length ? `FAILED\n${[...new Set(problems)].join('\n')}` : 'all well');
  process.exitCode = problems.length ? 1 : 0;
}
