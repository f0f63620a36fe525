/** How an object is previewed. What is not known is not: HTML, SVG and scripts are shown as the text that they are. */
export type Kind = 'image' | 'video' | 'audio' | 'text' | 'markdown' | 'json' | 'csv' | 'pdf' | 'other';

// A map: objects have names of their own, such as constructor, which may be that of a file.
const byExtension = new Map<string, Kind>();
for (const [kind, names] of Object.entries({
  image: 'png jpg jpeg gif webp avif bmp ico apng',
  video: 'mp4 webm mov m4v ogv',
  audio: 'mp3 ogg oga wav flac m4a aac opus',
  markdown: 'md markdown',
  json: 'json geojson ndjson jsonl webmanifest',
  csv: 'csv tsv',
  pdf: 'pdf',
  text: 'txt log ini conf cfg toml yaml yml xml svg html htm xhtml css js mjs cjs ts tsx jsx py rb rs go java kt c h cc cpp hpp cs sh bash zsh ps1 bat sql php pl lua r swift scala dockerfile makefile env gitignore tex rst properties lock',
}))
  for (const name of names.split(' ')) byExtension.set(name, kind as Kind);

const types: [RegExp, Kind][] = [
  [/^image\/svg/, 'text'], [/^image\/(png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon|apng)$/, 'image'], [/^video\//, 'video'], [/^audio\//, 'audio'], [/^application\/pdf$/, 'pdf'],
  [/^text\/markdown/, 'markdown'], [/^text\/(csv|tab-separated-values)/, 'csv'], [/^application\/(json|ld\+json|x-ndjson)|\+json$/, 'json'], [/^text\/|^application\/(xml|javascript|x-sh|yaml|toml|sql)|\+xml$/, 'text'],
];

/** By the type that is stored, if it says anything; else by the end of the name. */
export function kindOf(key: string, type?: string | null): Kind {
  const plain = type?.split(';')[0]?.trim().toLowerCase() ?? '';
  const extension = /\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? key.split('/').pop()!.toLowerCase();
  const named = byExtension.get(extension);
  if (plain && plain !== 'application/octet-stream' && plain !== 'binary/octet-stream') {
    const typed = types.find(([pattern]) => pattern.test(plain))?.[1] ?? 'other';
    // A name says more than the plain type that many programs give everything that is text.
    return typed === 'text' && plain === 'text/plain' && (named === 'markdown' || named === 'csv' || named === 'json') ? named : typed;
  }
  return named ?? 'other';
}

/** The rows of comma- or tab-separated values (RFC 4180); a row that the cap cut is left out. */
export function parseCsv(text: string, isCut: boolean, maxRows = 500): { rows: string[][]; isCut: boolean } {
  const head = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const separator = [',', ';', '\t'].reduce((best, mark) => (head.split(mark).length > head.split(best).length ? mark : best), ',');
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (isQuoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i]!;
      else if (c === '"') isQuoted = false;
      else field += c;
    } else if (c === '"' && field === '') isQuoted = true;
    else if (c === separator) {
      row.push(field);
      field = '';
    } else if (c === '\n') {
      row.push(field.replace(/\r$/, ''));
      rows.push(row);
      if (rows.length >= maxRows) return { rows, isCut: i < text.length - 1 || isCut };
      row = [];
      field = '';
    } else field += c;
  }
  if (!isCut && (field !== '' || row.length > 0)) rows.push([...row, field]);
  return { rows, isCut };
}
