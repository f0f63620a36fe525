import { ActionIcon, Button, Checkbox, Loader, Menu, Text } from '@mantine/core';
import { IconDots, IconFile, IconFileText, IconFolder, IconFolderOff, IconMovie, IconMusic, IconPhoto, IconUpload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useMay } from '../../api/session';
import { count, visible } from '../../app/format';
import { Centered, Empty } from '../../components/Layout';
import { Problem } from '../../components/Problem';
import { tellProblem } from '../../components/tell';
import { ByHand, Bytes, Time } from '../../components/Text';
import { firstPage, keyOf, listPage, nameOf, type Entry, type Page } from '../../s3/listing';
import { copyPresigned, download } from './links';
import { kindOf } from './kinds';
import { folderLink, objectLink, type Place } from './place';

export type Action = 'delete' | 'rename' | 'copy' | 'share';
/** Pages of 1,000 entries that are held at a time; those before are read again by their tokens. */
const heldPages = 4;
const rowHeight = 40;

interface Props {
  place: Place;
  prefix: string;
  find: string;
  isFlat: boolean;
  version: number;
  selected: ReadonlyMap<string, Entry>;
  onSelect: (selected: ReadonlyMap<string, Entry>) => void;
  onAction: (action: Action, entry: Entry) => void;
  onUpload: () => void;
}

/** One folder: pages of the server, of which a few are held, of which the rows in view are drawn. */
export function FileList({ place, prefix, find, isFlat, version, selected, onSelect, onAction, onUpload }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<string | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['files', place.bucket, prefix, find, isFlat, version],
    queryFn: ({ pageParam, signal }) => listPage(place.bucket, prefix, find, pageParam, isFlat, signal),
    initialPageParam: firstPage,
    getNextPageParam: (page: Page) => page.next ?? undefined,
    getPreviousPageParam: (page: Page) => page.start.previous ?? undefined,
    maxPages: heldPages,
    staleTime: 15_000,
  });
  const pages = list.data?.pages ?? [];
  const entries = pages.flatMap((page) => page.entries);
  const before = pages[0]?.start.index ?? 0;
  const total = before + entries.length;
  const rows = useVirtualizer({ count: total + (list.hasNextPage ? 1 : 0), getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  const { fetchNextPage, fetchPreviousPage, hasNextPage, hasPreviousPage, isFetching, isError } = list;
  useEffect(() => {
    if (isFetching || isError) return;
    if (hasNextPage && last >= total - 50) void fetchNextPage();
    else if (hasPreviousPage && first < before + 20) void fetchPreviousPage();
  }, [first, last, before, total, hasNextPage, hasPreviousPage, isFetching, isError, fetchNextPage, fetchPreviousPage]);
  useEffect(() => {
    box.current?.scrollTo(0, 0);
  }, [prefix, find, isFlat]);

  if (list.isPending) return <Centered />;
  if (list.isError && pages.length === 0) return <Problem error={list.error} title="The files could not be listed" onRetry={() => void list.refetch()} />;
  if (entries.length === 0 && !list.hasNextPage) return <Nothing place={place} find={find} prefix={prefix} onUpload={onUpload} />;

  const toggle = (entry: Entry, isRange: boolean) => {
    const next = new Map(selected);
    const key = keyOf(entry);
    const from = anchor.current === null ? -1 : entries.findIndex((other) => keyOf(other) === anchor.current);
    const to = entries.indexOf(entry);
    if (isRange && from >= 0) for (const other of entries.slice(Math.min(from, to), Math.max(from, to) + 1)) next.set(keyOf(other), other);
    else if (next.has(key)) next.delete(key);
    else next.set(key, entry);
    anchor.current = key;
    onSelect(next);
  };
  const isAll = entries.length > 0 && entries.every((entry) => selected.has(keyOf(entry)));

  return (
    <div role="table" aria-label="Files" aria-rowcount={list.hasNextPage ? -1 : total}>
      <div className="row-head" role="row">
        <span role="columnheader"><Checkbox size="xs" aria-label="Select everything that is loaded" checked={isAll} indeterminate={!isAll && selected.size > 0} onChange={() => onSelect(isAll ? new Map() : new Map(entries.map((entry) => [keyOf(entry), entry])))} /></span>
        <span role="columnheader">Name</span><span role="columnheader" className="num">Size</span><span role="columnheader" className="modified">Changed</span><span role="columnheader" aria-label="Actions" />
      </div>
      <div className={`rows${total * rowHeight < 400 ? ' short' : ''}`} ref={box} role="rowgroup">
        <div className="rows-space" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const entry = entries[item.index - before];
            const style = { transform: `translateY(${item.start}px)` };
            if (!entry) return <div key={item.key} className="row" style={style} role="row"><span /><span role="cell"><Loader size="xs" aria-label="Loading" /></span></div>;
            return <Row key={item.key} entry={entry} index={item.index} style={style} place={place} prefix={prefix} isSelected={selected.has(keyOf(entry))} onToggle={toggle} onAction={onAction} />;
          })}
        </div>
      </div>
      {list.isError && <Problem error={list.error} title="The next page could not be read" onRetry={() => void fetchNextPage()} />}
      <Text size="xs" c="dimmed" mt={6}>{list.hasNextPage || before > 0 ? `${count(before + 1)} to ${count(total)}${list.hasNextPage ? ', and more' : ''}` : total === 1 ? 'One entry' : `${count(total)} entries`}</Text>
    </div>
  );
}

const icons = { image: IconPhoto, video: IconMovie, audio: IconMusic, text: IconFileText, markdown: IconFileText, json: IconFileText, csv: IconFileText, pdf: IconFileText, other: IconFile };

function Row({ entry, index, style, place, prefix, isSelected, onToggle, onAction }: {
  entry: Entry; index: number; style: React.CSSProperties; place: Place; prefix: string; isSelected: boolean; onToggle: (entry: Entry, isRange: boolean) => void; onAction: Props['onAction'];
}) {
  const mayShare = useMay('shares');
  const [link, setLink] = useState<string | null>(null);
  const key = keyOf(entry);
  const name = visible(nameOf(entry, prefix)) || '(no name)';
  const Icon = entry.kind === 'folder' ? IconFolder : icons[kindOf(entry.key)];
  return (
    <div className="row" style={style} role="row" aria-rowindex={index + 2} data-selected={isSelected || undefined}>
      <span role="cell"><Checkbox size="xs" aria-label={`Select ${name}`} checked={isSelected} onChange={() => undefined} onClick={(e) => onToggle(entry, e.shiftKey)} /></span>
      <span role="cell" className="row-name">
        <Icon size={18} stroke={1.5} {...(entry.kind === 'folder' ? { className: 'folder' } : {})} aria-hidden />
        <Link {...(entry.kind === 'folder' ? folderLink(place, key) : objectLink(place, key))} title={name}>{name}</Link>
      </span>
      <span role="cell" className="num">{entry.kind === 'object' ? <Bytes value={entry.size} /> : ''}</span>
      <span role="cell" className="modified">{entry.kind === 'object' && <Text span inherit c="dimmed"><Time at={entry.modified} /></Text>}</span>
      <span role="cell">
        <Menu position="bottom-end" withinPortal>
          <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`}><IconDots size={16} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            {entry.kind === 'object' && <Menu.Item onClick={() => void download(place.bucket, key).catch(tellProblem)}>Download</Menu.Item>}
            {entry.kind === 'object' && <Menu.Item onClick={() => void copyPresigned(place.bucket, key).then(setLink, tellProblem)}>Copy a link for 15 minutes</Menu.Item>}
            {entry.kind === 'object' && mayShare && <Menu.Item onClick={() => onAction('share', entry)}>Share…</Menu.Item>}
            {place.canWrite && <Menu.Item onClick={() => onAction('rename', entry)}>Rename…</Menu.Item>}
            {place.canWrite && place.kind === 'bucket' && <Menu.Item onClick={() => onAction('copy', entry)}>Copy…</Menu.Item>}
            {place.canWrite && <Menu.Item color="red" onClick={() => onAction('delete', entry)}>Delete…</Menu.Item>}
            {entry.kind === 'folder' && !place.canWrite && <Menu.Item component={Link} {...folderLink(place, key)}>Open</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
        {link && <ByHand text={link} onClose={() => setLink(null)} />}
      </span>
    </div>
  );
}

function Nothing({ place, find, prefix, onUpload }: { place: Place; find: string; prefix: string; onUpload: () => void }) {
  if (find) return <Empty icon={<IconFolderOff size={34} stroke={1.3} />} title={`Nothing here begins with “${visible(find)}”`}>Names are found by how they begin, capitals and all. To look in folders too, turn on “With what is in folders”.</Empty>;
  return (
    <Empty icon={<IconUpload size={34} stroke={1.3} />} title={prefix ? 'This folder is empty' : place.kind === 'disk' ? 'This disk is empty' : 'This bucket is empty'} action={place.canWrite && <Button onClick={onUpload}>Upload files</Button>}>
      {place.canWrite ? 'Drop files or folders anywhere on this page. Large ones are sent in parts and go on after a break.' : 'Files appear here when a program puts them there.'}
    </Empty>
  );
}
