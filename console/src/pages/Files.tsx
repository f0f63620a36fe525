import { ActionIcon, Anchor, Button, Group, Menu, Switch, Text, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconFolderPlus, IconRefresh, IconSearch, IconSettings, IconTrash, IconUpload, IconX } from '@tabler/icons-react';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMay } from '../api/session';
import { many, visible } from '../app/format';
import { PageHead } from '../components/Layout';
import { tellProblem } from '../components/tell';
import { keyOf, type Entry } from '../s3/listing';
import { droppedFiles, pickedFiles } from '../upload/drop';
import { uploads } from '../upload/engine';
import type { Wanted } from '../upload/tasks';
import { FileList } from './files/FileList';
import { DeleteDialog, FolderDialog, MoveDialog, MoveManyDialog, RestoreDialog, ZipDialog } from './files/dialogs';
import { ShareDialog } from './files/links';
import { folderLink, settingsLink, useBucketPlace, useDiskPlace, type Place } from './files/place';

export function BucketFiles() {
  const { bucket } = useParams({ from: '/app/buckets/$bucket' });
  return <Files key={bucket} place={useBucketPlace(bucket)} search={useSearch({ from: '/app/buckets/$bucket' })} />;
}

export function DiskFiles() {
  const { disk } = useParams({ from: '/app/disks/$disk' });
  return <Files key={disk} place={useDiskPlace(disk)} search={useSearch({ from: '/app/disks/$disk' })} />;
}

/** The trail from all places to a folder. */
export function trailOf(place: Place, prefix: string, isLast = true) {
  const parts = prefix.split('/').slice(0, -1);
  const links = [
    <Anchor key="all" component={Link} to={place.kind === 'bucket' ? '/buckets' : '/disks'}>{place.kind === 'bucket' ? 'Buckets' : 'Disks'}</Anchor>,
    ...(parts.length > 0 || !isLast ? [<Anchor key="place" component={Link} {...folderLink(place, '')}>{visible(place.title)}</Anchor>] : []),
  ];
  parts.forEach((part, index) => {
    if (isLast && index === parts.length - 1) return;
    links.push(<Anchor key={index} component={Link} {...folderLink(place, parts.slice(0, index + 1).join('/') + '/')}>{visible(part) || '(no name)'}</Anchor>);
  });
  return links;
}

type Dialog = { kind: 'delete'; entries: Entry[] } | { kind: 'rename' | 'copy'; entry: Entry } | { kind: 'share'; key: string } | { kind: 'folder' | 'restore' } | { kind: 'zip' | 'copyMany' | 'moveMany'; entries: Entry[] } | null;

function Files({ place, search }: { place: Place; search: { prefix?: string | undefined; find?: string | undefined; flat?: string | undefined } }) {
  const prefix = search.prefix ?? '';
  const find = search.find ?? '';
  const isFlat = search.flat === '1';
  const navigate = useNavigate();
  const mayZip = useMay('archives');
  const [selected, setSelected] = useState<ReadonlyMap<string, Entry>>(new Map());
  const [dialog, setDialog] = useState<Dialog>(null);
  const [isOver, setOver] = useState(false);
  const [typed, setTyped] = useState(find);
  const [version, setVersion] = useState(0);
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setSelected(new Map());
  }, [prefix, find, isFlat]);
  useEffect(() => {
    setTyped(find);
  }, [find, prefix]);

  const change = useCallback(
    (next: { find?: string; flat?: string | undefined }) => {
      const link = folderLink(place, prefix) as unknown as { search: object };
      void navigate({ ...link, search: { ...link.search, find: find || undefined, flat: search.flat, ...next }, replace: true } as never);
    },
    [navigate, place, prefix, find, search.flat],
  );
  const searchSoon = useDebouncedCallback((text: string) => change({ find: text }), 250);

  const upload = useCallback(
    (wanted: Wanted[]) => {
      if (wanted.length > 0) uploads.add(place.kind, place.bucket, wanted);
      else notifications.show({ color: 'yellow', message: 'There are no files in what was dropped.' });
    },
    [place.kind, place.bucket],
  );

  useEffect(() => {
    if (!place.canWrite) return;
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth++;
      setOver(true);
    };
    const over = (event: DragEvent) => hasFiles(event) && event.preventDefault();
    const leave = (event: DragEvent) => {
      if (hasFiles(event) && --depth <= 0) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) void droppedFiles(event.dataTransfer, prefix).then(upload, (error: unknown) => tellProblem(error, 'What was dropped could not be read'));
    };
    const events = { dragenter: enter, dragover: over, dragleave: leave, drop };
    for (const [name, listener] of Object.entries(events)) window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(events)) window.removeEventListener(name, listener as EventListener);
    };
  }, [place.canWrite, prefix, upload]);

  const title = prefix ? prefix.split('/').slice(-2)[0] || '(no name)' : place.title;
  const chosen = [...selected.values()];
  const close = () => setDialog(null);
  const unselect = () => setSelected(new Map());
  return (
    <>
      <PageHead
        title={title} trail={trailOf(place, prefix)}
        about={place.kind === 'disk' && place.disk && !place.canWrite ? 'This disk can only be read here.' : undefined}
        actions={
          <>
            <Button variant="default" component={Link} {...settingsLink(place, 'overview')} leftSection={<IconSettings size={16} />}>Settings</Button>
            {place.canWrite && <Button variant="default" leftSection={<IconFolderPlus size={16} />} onClick={() => setDialog({ kind: 'folder' })}>New folder</Button>}
            {place.canWrite && (
              <Menu position="bottom-end">
                <Menu.Target><Button leftSection={<IconUpload size={16} />} rightSection={<IconChevronDown size={14} />}>Upload</Button></Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => files.current?.click()}>Files…</Menu.Item>
                  <Menu.Item onClick={() => folders.current?.click()}>A folder…</Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
      <input ref={files} type="file" multiple hidden aria-label="Files to upload" data-testid="files" onChange={(e) => { upload(pickedFiles(e.currentTarget.files, prefix)); e.currentTarget.value = ''; }} />
      <input ref={(node) => { folders.current = node; node?.setAttribute('webkitdirectory', ''); }} type="file" hidden aria-label="Folder to upload" data-testid="folder" onChange={(e) => { upload(pickedFiles(e.currentTarget.files, prefix)); e.currentTarget.value = ''; }} />

      {chosen.length > 0 ? (
        <Group mb="sm" gap="xs" mih={36} role="toolbar" aria-label="With what is selected">
          <ActionIcon variant="subtle" color="gray" aria-label="Select nothing" onClick={unselect}><IconX size={16} /></ActionIcon>
          <Text size="sm" fw={600}>{many(chosen.length, 'selected', 'selected')}</Text>
          {mayZip && <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'zip', entries: chosen })}>Download as Zip</Button>}
          {place.canWrite && chosen.length === 1 && <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'rename', entry: chosen[0]! })}>Rename</Button>}
          {place.canWrite && place.kind === 'bucket' && chosen.length === 1 && <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'copy', entry: chosen[0]! })}>Copy</Button>}
          {place.canWrite && chosen.length > 1 && <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'moveMany', entries: chosen })}>Move to…</Button>}
          {place.canWrite && place.kind === 'bucket' && chosen.length > 1 && <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'copyMany', entries: chosen })}>Copy to…</Button>}
          {place.canWrite && <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={14} />} onClick={() => setDialog({ kind: 'delete', entries: chosen })}>Delete</Button>}
        </Group>
      ) : (
        <Group mb="sm" gap="md">
          <TextInput
            leftSection={<IconSearch size={15} />} placeholder="Names that begin with…" aria-label="Find by the beginning of the name" data-page-search w={280} maw="100%" value={typed} spellCheck={false}
            onChange={(e) => { setTyped(e.currentTarget.value); searchSoon(e.currentTarget.value); }}
          />
          {place.kind === 'bucket' && <Tooltip label="One list of everything below, without folders"><div><Switch size="sm" label="With what is in folders" checked={isFlat} onChange={(e) => change({ flat: e.currentTarget.checked ? '1' : undefined })} /></div></Tooltip>}
          {place.versioning === 'enabled' && <Button size="xs" variant="default" onClick={() => setDialog({ kind: 'restore' })}>Bring back deleted…</Button>}
          <Tooltip label="Look again"><ActionIcon variant="subtle" color="gray" aria-label="Look again" onClick={() => setVersion(version + 1)}><IconRefresh size={17} /></ActionIcon></Tooltip>
        </Group>
      )}

      <FileList
        place={place} prefix={prefix} find={find} isFlat={isFlat} version={version} selected={selected} onSelect={setSelected}
        onUpload={() => files.current?.click()}
        onAction={(action, entry) => setDialog(action === 'delete' ? { kind: 'delete', entries: [entry] } : action === 'share' ? { kind: 'share', key: keyOf(entry) } : { kind: action, entry })}
      />

      {isOver && <div className="drop" aria-hidden><div className="drop-box"><IconUpload size={36} stroke={1.4} /><Text fw={600} mt="xs">Drop files or folders</Text><Text size="sm" c="dimmed">into {visible(place.title)}/{visible(prefix)}</Text></div></div>}
      {dialog?.kind === 'delete' && <DeleteDialog place={place} entries={dialog.entries} onClose={close} onDone={unselect} />}
      {(dialog?.kind === 'rename' || dialog?.kind === 'copy') && <MoveDialog place={place} entry={dialog.entry} isCopy={dialog.kind === 'copy'} onClose={close} onDone={unselect} />}
      {(dialog?.kind === 'copyMany' || dialog?.kind === 'moveMany') && <MoveManyDialog place={place} entries={dialog.entries} prefix={prefix} isCopy={dialog.kind === 'copyMany'} onClose={close} onDone={unselect} />}
      {dialog?.kind === 'share' && <ShareDialog place={place} objectKey={dialog.key} onClose={close} />}
      {dialog?.kind === 'restore' && <RestoreDialog place={place} prefix={prefix + find} onClose={close} />}
      {dialog?.kind === 'zip' && <ZipDialog place={place} entries={dialog.entries} onClose={close} />}
      {dialog?.kind === 'folder' && <FolderDialog place={place} prefix={prefix} onClose={close} />}
    </>
  );
}
