// Writes each file of dist/ that is worth it as name.br and name.gz too: the server sends these as they are.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const worthIt = /\.(js|css|svg|json|txt)$/;
const codings = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

const files = (await readdir(dist, { recursive: true })).filter((name) => worthIt.test(name) && name !== 'manifest.json');
await Promise.all(
  files.map(async (name) => {
    const bytes = await readFile(new URL(name, dist));
    for (const [ending, compress] of Object.entries(codings)) {
      const less = await compress(bytes);
      if (less.length < bytes.length * 0.9) await writeFile(new URL(`${name}.${ending}`, dist), less);
    }
  }),
);
