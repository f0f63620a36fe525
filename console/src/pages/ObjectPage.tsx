import { Badge, Button, Group, Menu, Table, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconDownload, IconLink, IconShare3 } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { ApiError } from '../api/client';
import { useMay } from '../api/session';
import { baseName, count, parentOf, visible } from '../app/format';
import { Confirm } from '../components/Confirm';
import { Centered, Facts, Loaded, PageHead, Section } from '../components/Layout';
import { tellProblem } from '../components/tell';
import { ByHand, Bytes, Copyable, Time } from '../components/Text';
import { deleteObject, mostVersions, versionsOf, type Version } from '../s3/listing';
import { readFacts, restoreVersion } from '../s3/object';
import { restoreRefusal } from '../s3/settings';
import { trailOf } from './Files';
import { DeleteDialog, MoveDialog } from './files/dialogs';
import { copyPresigned, download, ShareDialog } from './files/links';
import { MetadataSection, TagsSection } from './files/Metadata';
import { folderLink, keepsVersions, objectLink, useBucketPlace, useDiskPlace, type Place } from './files/place';

const Preview = lazy(() => import('./files/Preview'));

export function BucketObject() {
  const { bucket } = useParams({ from: '/app/buckets/$bucket/object' });
  const { key, version } = useSearch({ from: '/app/buckets/$bucket/object' });
  return <ObjectPage place={useBucketPlace(bucket)} objectKey={key} version={version} />;
}

export function DiskObject() {
  const { disk } = useParams({ from: '/app/disks/$disk/object' });
  const { key } = useSearch({ from: '/app/disks/$disk/object' });
  return <ObjectPage place={useDiskPlace(disk)} objectKey={key} version={undefined} />;
}

function ObjectPage({ place, objectKey, version }: { place: Place; objectKey: string; version: string | undefined }) {
  const [dialog, setDialog] = useState<'share' | 'delete' | 'rename' | 'copy' | null>(null);
  const mayShare = useMay('shares');
  const navigate = useNavigate();
  const facts = useQuery({ queryKey: ['object', place.bucket, objectKey, version ?? null], queryFn: () => readFacts(place.bucket, objectKey, version), retry: false });
  const entry = { kind: 'object' as const, key: objectKey, size: facts.data?.size ?? 0, modified: '' };
  const [link, setLink] = useState<string | null>(null);
  const leave = () => void navigate(folderLink(place, parentOf(objectKey)));
  // A delete marker answers HEAD with 404, or with 405 when it is named.
  const isGone = facts.error instanceof ApiError && (facts.error.status === 404 || facts.error.status === 405);
  return (
    <>
      <PageHead
        title={baseName(objectKey)} trail={trailOf(place, objectKey, false)}
        about={version ? <Group gap="xs"><Badge color="yellow" variant="light">version {version}</Badge><Link {...objectLink(place, objectKey)}>To the newest</Link></Group> : undefined}
        actions={facts.data && (
          <>
            <Button leftSection={<IconDownload size={16} />} onClick={() => void download(place.bucket, objectKey, version).catch(tellProblem)}>Download</Button>
            {mayShare && <Button variant="default" leftSection={<IconShare3 size={16} />} onClick={() => setDialog('share')}>Share</Button>}
            <Tooltip label="A link that works for 15 minutes"><Button variant="default" leftSection={<IconLink size={16} />} onClick={() => void copyPresigned(place.bucket, objectKey, version).then(setLink, tellProblem)}>Copy link</Button></Tooltip>
            {place.canWrite && !version && (
              <Menu position="bottom-end">
                <Menu.Target><Button variant="default" px="xs" aria-label="More actions"><IconDots size={16} /></Button></Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setDialog('rename')}>Rename…</Menu.Item>
                  {place.kind === 'bucket' && <Menu.Item onClick={() => setDialog('copy')}>Copy…</Menu.Item>}
                  <Menu.Item color="red" onClick={() => setDialog('delete')}>Delete…</Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        )}
      />
      {isGone && keepsVersions(place) ? (
        <Text mb="md">{version ? 'This version is a delete marker, or was deleted.' : 'The object is deleted.'} What is left of it is among the versions below.</Text>
      ) : (
        <Loaded query={facts} title="The object could not be read">
          {(data) => (
            <>
              <Section title="Preview"><Suspense fallback={<Centered />}><Preview bucket={place.bucket} objectKey={objectKey} version={version} facts={data} /></Suspense></Section>
              <Section title="Properties">
                <Facts
                  items={[
                    ['Size', <Bytes key="s" value={data.size} />], ['Type', data.type || 'not known'], ['Changed', <Time key="t" at={data.modified} />], ['ETag', <Copyable key="e" value={data.etag} />],
                    ['Key', <Copyable key="k" value={objectKey}>{visible(objectKey)}</Copyable>], ['Storage class', data.storageClass], ...(data.versionId ? [['Version', <Copyable key="v" value={data.versionId} />] as [string, React.ReactNode]] : []),
                    ...data.checksums.map(([name, value]) => [name, <Copyable key={name} value={value} />] as [string, React.ReactNode]),
                  ]}
                />
              </Section>
              {place.kind === 'bucket' && <MetadataSection bucket={place.bucket} versioning={place.versioning} objectKey={objectKey} version={version} facts={data} />}
              {place.kind === 'bucket' && <TagsSection bucket={place.bucket} objectKey={objectKey} version={version} />}
            </>
          )}
        </Loaded>
      )}
      {keepsVersions(place) && <Versions place={place} objectKey={objectKey} shown={version} />}
      {link && <ByHand text={link} onClose={() => setLink(null)} />}
      {dialog === 'share' && <ShareDialog place={place} objectKey={objectKey} version={version} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && <DeleteDialog place={place} entries={[entry]} onClose={() => { setDialog(null); void facts.refetch().then((now) => now.isError && leave()); }} />}
      {(dialog === 'rename' || dialog === 'copy') && <MoveDialog place={place} entry={entry} isCopy={dialog === 'copy'} onClose={() => { setDialog(null); void facts.refetch().then((now) => now.isError && leave()); }} />}
    </>
  );
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function Versions({ place, objectKey, shown }: { place: Place; objectKey: string; shown: string | undefined }) {
  const queries = useQueryClient();
  const mayRestore = place.versioning === 'enabled';
  const [asked, setAsked] = useState<{ version: Version; what: 'restore' | 'delete' } | null>(null);
  const list = useQuery({ queryKey: ['versions', place.bucket, objectKey], queryFn: ({ signal }) => versionsOf(place.bucket, objectKey, signal) });
  async function act() {
    const { version, what } = asked!;
    if (what === 'delete') await deleteObject(place.bucket, objectKey, version.versionId);
    else await restoreVersion(place.bucket, objectKey, version.versionId);
    await Promise.all(['versions', 'object', 'files', 'text'].map((name) => queries.invalidateQueries({ queryKey: [name, place.bucket] })));
    notifications.show({ message: what === 'delete' ? 'The version was deleted.' : 'The version was brought back.' });
  }
  return (
    <Section title="Versions" about={mayRestore ? 'The newest first. Bringing one back copies it over the newest; nothing is lost by that.' : `The newest first. None can be brought back: ${lower(restoreRefusal)}`}>
      <Loaded query={list}>
        {(versions) =>
          versions.length === 0 ? <Text size="sm" c="dimmed">There are no versions of this key.</Text> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Version</Table.Th><Table.Th>Changed</Table.Th><Table.Th className="num">Size</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {versions.map((version) => (
                    <Table.Tr key={version.versionId}>
                      <Table.Td>
                        <Group gap="xs" wrap="nowrap">
                          {version.isMarker ? <Text size="sm" ff="monospace">{version.versionId}</Text> : <Link {...objectLink(place, objectKey, version.versionId)} className="mono">{version.versionId}</Link>}
                          {version.isLatest && <Badge size="sm" variant="light">newest</Badge>}
                          {version.isMarker && <Badge size="sm" variant="light" color="red">deleted</Badge>}
                          {version.versionId === shown && <Badge size="sm" variant="light" color="yellow">shown</Badge>}
                        </Group>
                      </Table.Td>
                      <Table.Td className="nowrap"><Time at={version.modified} /></Table.Td>
                      <Table.Td className="num">{version.isMarker ? '' : <Bytes value={version.size} />}</Table.Td>
                      <Table.Td className="nowrap" align="right">
                        {mayRestore && !version.isMarker && !version.isLatest && <Button size="compact-xs" variant="default" mr={4} onClick={() => setAsked({ version, what: 'restore' })}>Bring back</Button>}
                        <Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked({ version, what: 'delete' })}>{version.isMarker ? 'Undelete' : 'Delete'}</Button>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              {versions.length >= mostVersions && <Text size="xs" c="dimmed">The newest {count(versions.length)}; older ones are not listed.</Text>}
            </div>
          )
        }
      </Loaded>
      {asked && (
        <Confirm
          opened onClose={() => setAsked(null)} onConfirm={act} isDangerous={asked.what === 'delete' && !asked.version.isMarker}
          title={asked.what === 'restore' ? 'Bring this version back?' : asked.version.isMarker ? 'Remove the delete marker?' : 'Delete this version?'} action={asked.what === 'restore' ? 'Bring back' : asked.version.isMarker ? 'Undelete' : 'Delete'}
        >
          {asked.what === 'restore' ? 'It becomes the newest version. Those that are there stay.' : asked.version.isMarker ? 'The version below the marker becomes the newest again.' : 'This version is deleted permanently. That cannot be taken back.'}
        </Confirm>
      )}
    </Section>
  );
}
