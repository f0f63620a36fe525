// Fills an empty server with what the pages of pages.json show.
//   node dev/fill.mjs [URL of the control address]
import { accessKey, fill, secretKey } from './demo.mjs';

await fill(process.argv[2] ?? 'http://127.0.0.1:9001', accessKey, secretKey);
