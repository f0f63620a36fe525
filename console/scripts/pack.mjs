// Packs dist/ into one Zip file, which the server reads: node scripts/pack.mjs FILE. The same files are packed into the same bytes.
// They are stored, not compressed: those worth it are there compressed as well. Source: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const folder = fileURLToPath(dist);
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
if (!names.includes('index.html')) throw new Error('dist/ has no index.html');

const utf8 = 1 << 11;
/** 1 January 1980, 00:00, the first time that the format has. */
const time = 0x0021_0000;
const files = [];
const directory = [];
let offset = 0;
for (const name of names) {
  const bytes = await readFile(join(folder, name));
  const path = Buffer.from(name);
  /** What both headers of a file have alike: from the version needed to the length of the extra field. */
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(utf8, 2);
  common.writeUInt32LE(time, 6);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(bytes.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(path.length, 22);
  const place = Buffer.alloc(14);
  place.writeUInt32LE(offset, 10);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, bytes]);
  files.push(local);
  directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, place, path]));
  offset += local.length;
}
const central = Buffer.concat(directory);
const end = Buffer.alloc(22);
end.write('PK\x05\x06', 'latin1');
end.writeUInt16LE(names.length, 8);
end.writeUInt16LE(names.length, 10);
end.writeUInt32LE(central.length, 12);
end.writeUInt32LE(offset, 16);
await writeFile(process.argv[2], Buffer.concat([...files, central, end]));
