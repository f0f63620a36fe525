import { ActionIcon, Button, Checkbox, Loader, Menu, Text } from '@mantine/core';
import { IconDots, IconFile, IconFileText, IconFolder, IconFolderOff, IconMovie, IconMusic, IconPhoto, IconUpload } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useMay } from '../../api/session';
import { count, visible } from '../../app/format';
import { Centered, Empty } from '../../components/Layout';
import { Problem } from '../../components/Problem';
import { tellProblem } from '../../components/tell';
import { ByHand, Bytes, Time } from '../../components/Text';
import { keyOf, listPage, nameOf, type Entry } from '../../s3/listing';
import { copyPresigned, download } from './links';
import { kindOf } from './kinds';
import { folderLink, objectLink, type Place } from './place';
import { rowHeight, rowsOf, settled, type View } from './scroll';
import { arrived, held, newWalk, pageAt, wantedPages, type Pages } from './walk';

export type Action = 'delete' | 'rename' | 'copy' | 'share';
/** Pages of 1,000 entries that are held at a time; the others are read again by their tokens. */
const heldPages = 4;
/** Rows that are drawn beyond those in view. */
const overscan = 12;

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

/** One folder: pages of the server, of which a few are held, of which the rows in view are drawn. Another folder or search begins anew. */
export const FileList = (props: Props) => <Walked key={JSON.stringify([props.prefix, props.find, props.isFlat, props.version])} {...props} />;

function Walked({ place, prefix, find, isFlat, version, selected, onSelect, onAction, onUpload }: Props) {
  const [walk, setWalk] = useState(newWalk);
  const [pages, setPages] = useState<Pages>({ from: 0, to: 0 });
  const anchor = useRef<number | null>(null);
  const total = walk.total;
  const { box, view, rows } = useScroll(total + (walk.isWhole ? 0 : 1));
  const first = view.base + rowAt(view.top);
  const last = first + Math.ceil(view.height / rowHeight);
  const hold = held(pages, wantedPages(walk, first, last), heldPages, walk.starts.length);
  if (hold !== pages) setPages(hold);
  const list = useQueries({
    queries: walk.starts.slice(hold.from, hold.to + 1).map(({ token }) => ({
      queryKey: ['files', place.bucket, prefix, find, isFlat, version, token],
      queryFn: ({ signal }: { signal: AbortSignal }) => listPage(place.bucket, prefix, find, token, isFlat, signal),
      staleTime: 15_000,
      // The first page is there at once for whoever comes back; of those that are walked through only what is held stays.
      ...(token === null ? {} : { gcTime: 1000 }),
    })),
  });
  const known = list.reduce((now, { data }, i) => (data && now.starts[hold.from + i]?.token === walk.starts[hold.from + i]!.token ? arrived(now, hold.from + i, data) : now), walk);
  if (known !== walk) setWalk(known);

  const failed = list.filter((page) => page.isError);
  const retry = () => failed.forEach((page) => void page.refetch());
  if (failed.length > 0 && total === 0) return <Problem error={failed[0]!.error} title="The files could not be listed" onRetry={retry} />;
  if (total === 0 && walk.isWhole) return <Nothing place={place} find={find} prefix={prefix} onUpload={onUpload} />;
  if (total === 0) return <Centered />;

  const entryAt = (index: number): Entry | undefined => {
    const at = pageAt(walk, index);
    return list[at - hold.from]?.data?.entries[index - walk.starts[at]!.index];
  };
  const loaded = list.flatMap((page) => page.data?.entries ?? []);
  const before = walk.starts[hold.from]!.index;
  const end = walk.starts[hold.to]!.index + (list[hold.to - hold.from]?.data?.entries.length ?? 0);
  const toggle = (entry: Entry, index: number, isRange: boolean) => {
    const next = new Map(selected);
    const key = keyOf(entry);
    const since = anchor.current ?? index;
    const range = Array.from({ length: Math.abs(since - index) + 1 }, (_, i) => entryAt(Math.min(since, index) + i));
    if (isRange && range.length > 1 && range.every((other) => other !== undefined)) for (const other of range) next.set(keyOf(other), other);
    else if (next.has(key)) next.delete(key);
    else next.set(key, entry);
    anchor.current = index;
    onSelect(next);
  };
  const isAll = loaded.length > 0 && loaded.every((entry) => selected.has(keyOf(entry)));
  const drawn = Array.from({ length: Math.max(0, Math.min(rows, last - view.base + overscan) - Math.max(0, first - view.base - overscan)) }, (_, i) => Math.max(view.base, first - overscan) + i);

  return (
    <div role="table" aria-label="Files" aria-rowcount={walk.isWhole ? total : -1}>
      <div className="row-head" role="row">
        <span role="columnheader"><Checkbox size="xs" aria-label="Select everything that is loaded" checked={isAll} indeterminate={!isAll && selected.size > 0} onChange={() => onSelect(isAll ? new Map() : new Map(loaded.map((entry) => [keyOf(entry), entry])))} /></span>
        <span role="columnheader">Name</span><span role="columnheader" className="num">Size</span><span role="columnheader" className="modified">Changed</span><span role="columnheader" aria-label="Actions" />
      </div>
      <div className={`rows${total * rowHeight < 400 ? ' short' : ''}`} ref={box} role="rowgroup">
        <div className="rows-space" style={{ height: rows * rowHeight }}>
          {drawn.map((index) => {
            const entry = entryAt(index);
            const style = { transform: `translateY(${(index - view.base) * rowHeight}px)` };
            if (!entry) return <div key={index} className="row" style={style} role="row"><span /><span role="cell"><Loader size="xs" aria-label="Loading" /></span></div>;
            return <Row key={index} entry={entry} index={index} style={style} place={place} prefix={prefix} isSelected={selected.has(keyOf(entry))} onToggle={toggle} onAction={onAction} />;
          })}
        </div>
      </div>
      {failed.length > 0 && <Problem error={failed[0]!.error} title="A page could not be read" onRetry={retry} />}
      <Text size="xs" c="dimmed" mt={6}>{!walk.isWhole || before > 0 || end < total ? `${count(before + 1)} to ${count(end)}${walk.isWhole && end === total ? '' : ', and more'}` : total === 1 ? 'One entry' : `${count(total)} entries`}</Text>
    </div>
  );
}

const rowAt = (top: number) => Math.floor(top / rowHeight);

interface Seen extends View {
  height: number;
  /** Where the space was last moved to. */
  moved: View | null;
}

/** The window through which a list of so many rows is scrolled. */
function useScroll(count: number) {
  const [node, setNode] = useState<HTMLDivElement | null>(null);
  const [view, setView] = useState<Seen>({ base: 0, top: 0, height: 600, moved: null });
  // The last that was set, drawn or not: the next scroll may come before.
  const last = useRef(view);
  const box = useCallback((next: HTMLDivElement | null) => setNode(next), []);
  useLayoutEffect(() => {
    if (!node) return;
    const look = (isScrolled: boolean, draw: (change: () => void) => void) => {
      const before = last.current;
      const now = settled({ base: before.base, top: node.scrollTop }, count, node.clientHeight, isScrolled);
      const isMoved = now.base !== before.base;
      if (!isMoved && rowAt(now.top) === rowAt(before.top) && node.clientHeight === before.height) return;
      last.current = { ...now, height: node.clientHeight, moved: isMoved ? now : before.moved };
      // The rows and the place to which the space is scrolled change together, before anything else is scrolled.
      if (isMoved) draw(() => setView(last.current));
      else setView(last.current);
    };
    const scrolled = () => look(true, flushSync);
    const resized = new ResizeObserver(() => look(false, flushSync));
    look(false, (change) => change());
    node.addEventListener('scroll', scrolled, { passive: true });
    resized.observe(node);
    return () => {
      node.removeEventListener('scroll', scrolled);
      resized.disconnect();
    };
  }, [node, count]);
  useLayoutEffect(() => {
    if (node && view.moved) node.scrollTop = view.moved.top;
  }, [node, view.moved]);
  return { box, view, rows: rowsOf(view.base, count) };
}

const icons = { image: IconPhoto, video: IconMovie, audio: IconMusic, text: IconFileText, markdown: IconFileText, json: IconFileText, csv: IconFileText, pdf: IconFileText, other: IconFile };

function Row({ entry, index, style, place, prefix, isSelected, onToggle, onAction }: {
  entry: Entry; index: number; style: React.CSSProperties; place: Place; prefix: string; isSelected: boolean; onToggle: (entry: Entry, index: number, isRange: boolean) => void; onAction: Props['onAction'];
}) {
  const mayShare = useMay('shares');
  const [link, setLink] = useState<string | null>(null);
  const key = keyOf(entry);
  const name = visible(nameOf(entry, prefix)) || '(no name)';
  const Icon = entry.kind === 'folder' ? IconFolder : icons[kindOf(entry.key)];
  return (
    <div className="row" style={style} role="row" aria-rowindex={index + 2} data-selected={isSelected || undefined}>
      <span role="cell"><Checkbox size="xs" aria-label={`Select ${name}`} checked={isSelected} onChange={() => undefined} onClick={(e) => onToggle(entry, index, e.shiftKey)} /></span>
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
