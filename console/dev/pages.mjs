// The pages that are looked at, with what `fill` of demo.mjs makes: one list for the pictures, for axe and for the width. A route that none of them is of fails tests/pages.test.ts.
import { readFileSync } from 'node:fs';

/** `name`, `path`, and optionally `open`, the text of a button that is pressed there, and `outside`: for those who have not signed in. `{disk}`, `{job}` and `{request}` in a path are ids. */
export const pages = JSON.parse(readFileSync(new URL('pages.json', import.meta.url), 'utf8'));
