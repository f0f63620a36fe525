import { Alert, Button, Checkbox, List, Modal, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { bucketNamesQuery } from '../../api/lists';
import { router } from '../../app/router';
import { baseName, bytes, count, many, parentOf, visible } from '../../app/format';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { failures } from '../../components/failures';
import { Loaded } from '../../components/Layout';
import { TextButton } from '../../components/Text';
import { keyOf, type Entry } from '../../s3/listing';
import { makeFolder, moveEntries, moveEntry, prepareArchive, removeEntries, sharedName, startJob, type Outcome } from './changes';
import { stayText } from '../../s3/settings';
import type { Place } from './place';

/** Brings back what was deleted below a folder, or the folder as it was at a time: a job of the server. */
export function RestoreDialog({ place, prefix, onClose }: { place: Place; prefix: string; onClose: () => void }) {
  const [kind, setKind] = useState('deleted');
  const [at, setAt] = useState('');
  const [dryRun, setDryRun] = useState(true);
  return (
    <FormModal
      opened onClose={onClose} title={`Bring back ${prefix ? visible(prefix) : 'deleted objects'}`} action={dryRun ? 'Count' : 'Bring back'} isValid={kind === 'deleted' || at !== ''}
      onSubmit={() => startJob({ kind: 'restore', bucket: place.bucket, prefix, dryRun, ...(kind === 'at' ? { at: new Date(at).toISOString() } : {}) })}
      onDone={(job) => void router.navigate({ to: '/jobs/$id', params: { id: job.id } })}
    >
      <Radio.Group value={kind} onChange={setKind} label="Bring back">
        <Stack gap={6} mt={6}><Radio value="deleted" label="What was deleted" /><Radio value="at" label="Everything as it was at a time" /></Stack>
      </Radio.Group>
      {kind === 'at' && <TextInput label="Time" type="datetime-local" value={at} onChange={(e) => setAt(e.currentTarget.value)} />}
      <Checkbox label="Only count what would be brought back" checked={dryRun} onChange={(e) => setDryRun(e.currentTarget.checked)} />
      <Text size="sm" c="dimmed">The server copies older versions over the newest. No version is deleted, and no bytes are copied.</Text>
    </FormModal>
  );
}

/** Several objects as one Zip: what may not be read is listed before it starts. */
export function ZipDialog({ place, entries, onClose }: { place: Place; entries: Entry[]; onClose: () => void }) {
  const archive = useQuery({ queryKey: ['archive', place.bucket, entries.map(keyOf)], queryFn: () => prepareArchive(place.bucket, entries), retry: false, gcTime: 0, staleTime: Infinity, refetchOnWindowFocus: false });
  return (
    <Modal opened onClose={onClose} title="Download as Zip" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Loaded query={archive} rows={2} title="The Zip could not be made">
        {(data) => (
          <Stack>
            <Text size="sm">{many(data.objects, 'object')}, {bytes(data.bytes)}.</Text>
            {data.refusedCount > 0 && (
              <Alert color="yellow" variant="light" title={`${many(data.refusedCount, 'object')} will not be in it`}>
                <List size="xs">
                  {data.refused.slice(0, 10).map((one) => <List.Item key={one.key} className="break">{visible(one.key)}: {one.reason}</List.Item>)}
                  {data.refusedCount > Math.min(10, data.refused.length) && <List.Item>and {many(data.refusedCount - Math.min(10, data.refused.length), 'more', 'more')}</List.Item>}
                </List>
              </Alert>
            )}
            {data.objects === 0 ? <Button disabled>Download</Button> : <Button component="a" href={`/api/archives/${encodeURIComponent(data.id)}`} download onClick={onClose}>Download</Button>}
            <Text size="xs" c="dimmed">If something fails on the way the download breaks off, rather than being whole without a file.</Text>
          </Stack>
        )}
      </Loaded>
    </Modal>
  );
}

/** Tells what came of a change of so many entries: what failed in a dialog that stays, and what goes on with the way to its job. */
function useTell(place: Place) {
  const queries = useQueryClient();
  return (outcome: Outcome, message: string, entries = 1) => {
    for (const name of ['files', 'versions', 'object']) void queries.invalidateQueries({ queryKey: [name, place.bucket] });
    void queries.invalidateQueries({ queryKey: ['jobs'] });
    const failed = outcome.failures.length;
    if (failed > 0) failures.show({ title: failed < entries ? `${count(failed)} of ${many(entries, 'entry', 'entries')} could not be changed` : `${many(failed, 'entry', 'entries')} could not be changed`, list: outcome.failures });
    const [job, ...others] = outcome.jobs;
    if (job)
      notifications.show({
        autoClose: 10_000, title: 'The server is at it',
        message: <TextButton onClick={() => void (others.length > 0 ? router.navigate({ to: '/jobs' }) : router.navigate({ to: '/jobs/$id', params: { id: job.id } }))}>{others.length > 0 ? `Look at the ${count(outcome.jobs.length)} jobs` : 'Look at the job'}</TextButton>,
      });
    else if (failed === 0) notifications.show({ message });
  };
}

export function DeleteDialog({ place, entries, onClose, onDone }: { place: Place; entries: Entry[]; onClose: () => void; onDone?: () => void }) {
  const tell = useTell(place);
  const [versions, setVersions] = useState<string | null>(null);
  const folders = entries.filter((entry) => entry.kind === 'folder').length;
  const isKept = place.versioning === 'enabled';
  // Said by a person, not by a default: the one can be undone, and the other cannot.
  const asks = folders > 0 && place.kind === 'bucket' && place.versioning !== 'never';
  const one = entries.length === 1 ? visible(baseName(keyOf(entries[0]!))) : null;
  return (
    <Confirm
      opened onClose={onClose} isReady={!asks || versions !== null} title={one ? `Delete ${one}?` : `Delete ${many(entries.length, 'entry', 'entries')}?`} action="Delete"
      onConfirm={async () => {
        tell(await removeEntries(place, entries, versions as 'markers' | 'all' | null), one ? `${one} was deleted.` : `${many(entries.length, 'object')} were deleted.`, entries.length);
        onDone?.();
      }}
    >
      <Stack gap="sm">
        {entries.length > 1 && <List size="sm">{entries.slice(0, 5).map((entry) => <List.Item key={keyOf(entry)} className="break">{visible(keyOf(entry))}</List.Item>)}{entries.length > 5 && <List.Item>and {many(entries.length - 5, 'more', 'more')}</List.Item>}</List>}
        {folders > 0 && place.kind === 'bucket' && <Text size="sm">Everything below {folders === 1 ? 'the folder' : 'the folders'} is deleted by a job of the server, which goes on when you close this page.</Text>}
        {asks && (
          <Radio.Group value={versions} onChange={setVersions} label="In folders">
            <Stack gap={6} mt={6}><Radio value="markers" label={`Hide behind delete markers${place.versioning === 'unknown' ? '' : `; ${stayText(place.versioning)}`}`} /><Radio value="all" label="Delete all versions permanently" /></Stack>
          </Radio.Group>
        )}
        {place.versioning === 'unknown' && <Text size="sm">Whether this bucket keeps versions is not known to you: what is deleted may be lost.</Text>}
        {isKept && entries.length > folders && <Text size="sm">{folders > 0 ? 'Objects' : 'They'} can be brought back: this bucket keeps versions.</Text>}
        {!isKept && place.versioning !== 'unknown' && (!asks || versions === 'all' || place.versioning === 'suspended') && <Text size="sm">This cannot be taken back.</Text>}
      </Stack>
    </Confirm>
  );
}

export function MoveDialog({ place, entry, isCopy, onClose, onDone }: { place: Place; entry: Entry; isCopy: boolean; onClose: () => void; onDone?: () => void }) {
  const tell = useTell(place);
  const key = keyOf(entry);
  const [target, setTarget] = useState(isCopy && entry.kind === 'object' ? parentOf(key) + copyName(baseName(key)) : key);
  const [bucket, setBucket] = useState<string | null>(place.bucket);
  const [replace, setReplace] = useState(false);
  const buckets = useQuery({ ...bucketNamesQuery, enabled: isCopy && place.kind === 'bucket' });
  return (
    <FormModal
      opened onClose={onClose} size="lg" title={isCopy ? `Copy ${visible(baseName(key))}` : `Rename ${visible(baseName(key))}`} action={isCopy ? 'Copy' : 'Rename'}
      isValid={target !== '' && (target !== key || bucket !== place.bucket)}
      onSubmit={() => moveEntry(place, entry, { bucket: bucket ?? place.bucket, key: target }, isCopy, replace)}
      onDone={(outcome) => { tell(outcome, isCopy ? 'It was copied.' : 'It was renamed.'); onDone?.(); }}
    >
      {isCopy && place.kind === 'bucket' && <Select label="To bucket" searchable limit={200} data={buckets.data?.buckets.map((b) => b.name) ?? [place.bucket]} value={bucket} onChange={setBucket} allowDeselect={false} />}
      <TextInput label={entry.kind === 'folder' ? 'New prefix' : 'New key'} description="The whole name, with its folders." value={target} onChange={(e) => setTarget(e.currentTarget.value)} data-autofocus spellCheck={false} autoComplete="off" />
      <Checkbox label="Replace what is there" checked={replace} onChange={(e) => setReplace(e.currentTarget.checked)} />
      {entry.kind === 'folder' && place.kind === 'bucket' && <Text size="sm" c="dimmed">The server does this as a job. No bytes are copied, and it goes on when you close this page.</Text>}
    </FormModal>
  );
}

/** Copies or moves several entries into a folder. */
export function MoveManyDialog({ place, entries, prefix, isCopy, onClose, onDone }: { place: Place; entries: Entry[]; prefix: string; isCopy: boolean; onClose: () => void; onDone: () => void }) {
  const tell = useTell(place);
  const [folder, setFolder] = useState(prefix);
  const [bucket, setBucket] = useState<string | null>(place.bucket);
  const [replace, setReplace] = useState(false);
  const buckets = useQuery({ ...bucketNamesQuery, enabled: isCopy && place.kind === 'bucket' });
  const folders = entries.filter((entry) => entry.kind === 'folder').length;
  const objects = entries.length - folders;
  const shared = sharedName(entries);
  const target = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const isElsewhere = bucket !== place.bucket || entries.every((entry) => parentOf(keyOf(entry)) !== target);
  return (
    <FormModal
      opened onClose={onClose} size="lg" title={`${isCopy ? 'Copy' : 'Move'} ${many(entries.length, 'entry', 'entries')}`} action={isCopy ? 'Copy' : 'Move'} isValid={shared === null && isElsewhere}
      onSubmit={() => moveEntries(place, entries, { bucket: bucket ?? place.bucket, folder }, isCopy, replace)}
      onDone={(outcome) => { tell(outcome, `${many(entries.length, 'entry was', 'entries were')} ${isCopy ? 'copied' : 'moved'}.`, entries.length); onDone(); }}
    >
      {isCopy && place.kind === 'bucket' && <Select label="To bucket" searchable limit={200} data={buckets.data?.buckets.map((b) => b.name) ?? [place.bucket]} value={bucket} onChange={setBucket} allowDeselect={false} />}
      <TextInput label="Into the folder" description="Its whole name; empty: where everything begins. Each keeps its own name." value={folder} onChange={(e) => setFolder(e.currentTarget.value)} data-autofocus spellCheck={false} autoComplete="off" />
      <Checkbox label="Replace what is there" checked={replace} onChange={(e) => setReplace(e.currentTarget.checked)} />
      {shared !== null && <Text size="sm">Several of them are called {visible(shared)}: in one folder one would replace the other.</Text>}
      {place.kind === 'bucket' && folders > 0 && <Text size="sm" c="dimmed">{folders === 1 ? 'The folder is' : `The ${count(folders)} folders are, one by one,`} a job of the server. No bytes are copied, and it goes on when you close this page.</Text>}
      {(place.kind === 'disk' || objects > 0) && <Text size="sm" c="dimmed">{place.kind === 'disk' ? 'They are' : objects === 1 ? 'The object is' : `The ${count(objects)} objects are`} {isCopy ? 'copied' : 'moved'} by this page, one after another: leave it open until that is done.</Text>}
    </FormModal>
  );
}

function copyName(name: string) {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)} copy${name.slice(dot)}` : `${name} copy`;
}

export function FolderDialog({ place, prefix, onClose }: { place: Place; prefix: string; onClose: () => void }) {
  const tell = useTell(place);
  const [name, setName] = useState('');
  return (
    <FormModal opened onClose={onClose} title="New folder" action="Create" isValid={name.trim() !== ''} onSubmit={() => makeFolder(place, `${prefix}${name}/`)} onDone={() => tell({ failures: [], jobs: [] }, `${name} was created.`)}>
      <TextInput label="Name" description={place.kind === 'bucket' ? 'In a bucket folders are parts of names: an empty one is an object whose name ends with a slash.' : undefined} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" />
    </FormModal>
  );
}
