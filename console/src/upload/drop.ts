import type { Wanted } from './tasks';

/** Files of what was dropped, folders included, with their paths. Entries must be taken during the event, before anything is awaited. */
export async function droppedFiles(transfer: DataTransfer, prefix: string): Promise<Wanted[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (entries.every((entry) => entry === null)) return plain.map((file) => ({ key: prefix + file.name, file }));
  const found: Wanted[] = [];
  for (const entry of entries) if (entry) await walk(entry, prefix, found);
  return found;
}

async function walk(entry: FileSystemEntry, prefix: string, found: Wanted[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ key: prefix + entry.name, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives a part of a directory at a time, 100 entries in Chromium, and nothing at its end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some) await walk(inner, `${prefix}${entry.name}/`, found);
  }
}

/** Files of a picker; of one for folders with the path below the folder's parent. */
export const pickedFiles = (files: FileList | null, prefix: string): Wanted[] =>
  [...(files ?? [])].map((file) => ({ key: prefix + (file.webkitRelativePath || file.name), file }));
