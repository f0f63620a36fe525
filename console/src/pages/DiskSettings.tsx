import { Alert, Anchor, Button, Group, Stack, Switch, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../api/client';
import { diskQuery } from '../api/lists';
import { endpointOf, useMay, useSession } from '../api/session';
import { Confirm } from '../components/Confirm';
import { FormModal } from '../components/FormModal';
import { Empty, Facts, Loaded, PageHead, Section } from '../components/Layout';
import { Problem } from '../components/Problem';
import { secrets } from '../components/secrets';
import { SettingsPage } from '../components/SettingsPage';
import { Snippets } from '../components/Snippets';
import { Bytes, Copyable, Time } from '../components/Text';
import { useSaving } from '../components/useSaving';
import { visible } from '../app/format';
import { abortDiskUpload } from '../upload/disk';
import { DiskState, isWell } from './Disks';
import { DiskLinks } from './Shares';

type Disk = Schemas['DiskView'];

export function DiskSettings() {
  const { disk: id, section } = useParams({ from: '/app/disks/$disk/settings/$section' });
  const session = useSession();
  const mayShare = useMay('shares');
  const query = useQuery({ ...diskQuery(id), refetchInterval: 30_000 });
  const sections: [string, string][] = [['overview', 'Overview'], ['users', 'Authorized users'], ['ips', 'Allowed IPs'], ...(mayShare ? [['links', 'Links'] as [string, string]] : []), ...(session.isRoot ? [['uploads', 'Unfinished uploads'] as [string, string]] : []), ['connect', 'Connect']];
  return (
    <>
      <PageHead
        title={query.data?.name ?? id} actions={<Button variant="default" component={Link} to="/disks/$disk" params={{ disk: id } as never}>Files</Button>}
        trail={[<Anchor key="d" component={Link} to="/disks">Disks</Anchor>, <Anchor key="n" component={Link} to="/disks/$disk" params={{ disk: id } as never}>{query.data?.name ?? id}</Anchor>]}
      />
      <SettingsPage label="Settings of the disk" sections={sections} current={section} link={(name) => ({ to: '/disks/$disk/settings/$section', params: { disk: id, section: name } })}>
        <Loaded query={query}>
          {(disk) =>
            section === 'users' ? <Users disk={disk} /> : section === 'ips' ? <Ips key={disk.id} disk={disk} /> : section === 'links' ? <DiskLinks disk={id} /> : section === 'uploads' ? <Unfinished disk={id} />
              : section === 'connect' ? <Section title="From a program" about="Put the key of an authorized user of this disk where ACCESS_KEY and SECRET_KEY are."><Snippets endpoint={endpointOf(session)} region={session.region} bucket={id} isReading /></Section>
              : <Overview disk={disk} />
          }
        </Loaded>
      </SettingsPage>
    </>
  );
}

function Overview({ disk }: { disk: Disk }) {
  const session = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isAsked, setAsked] = useState(false);
  const key = ['disk', disk.id];
  const path = { params: { path: { id: disk.id } } };
  const writing = useSaving((writing: boolean) => done(api.PUT('/api/disks/{id}/writing', { ...path, body: { writing } })), [key, ['disks']]);
  const growing = useSaving((growingFiles: boolean) => done(api.PUT('/api/disks/{id}/growing-files', { ...path, body: { growingFiles } })), [key]);
  const accept = useSaving(() => done(api.POST('/api/disks/{id}/accept', path)), [key, ['disks']], 'What the disk consists of now is expected from now on.');
  return (
    <>
      <Section title="Details">
        {!isWell(disk.status) && (
          <Alert color="orange" variant="light" mb="md" title={`The disk is ${disk.status}`}>
            <Text size="sm">Its directory or a file system in it is not what was attached. If that is meant, accept what is there now.</Text>
            {session.isRoot && <Button mt="xs" size="compact-sm" variant="default" loading={accept.isPending} onClick={() => accept.mutate(undefined)}>Accept it</Button>}
            {accept.isError && <Problem error={accept.error} />}
          </Alert>
        )}
        <Facts
          items={[
            ['State', <DiskState key="s" status={disk.status} />], ['Id', <Copyable key="i" value={disk.id} />], ['Organization', disk.organization], ['Region', disk.region], ['Provider', disk.provider], ['Created', <Time key="t" at={disk.createdAt} />],
            ...disk.mounts.map((mount, i) => [i === 0 ? 'Directory' : `Directory ${i + 1}`, (mount as { path?: string | null }).path ?? mount.type] as [string, React.ReactNode]),
            ['Allowed IPs', disk.allowedIps.length ? disk.allowedIps.join(', ') : 'all'],
          ]}
        />
      </Section>
      {session.isRoot && (
        <Section title="Behaviour">
          <Stack gap="md">
            <Switch label="Can be written here" description="Uploads, new folders, renaming and deleting through this console and the control API. Over S3 it stays read-only." checked={disk.writing} disabled={writing.isPending} onChange={(e) => writing.mutate(e.currentTarget.checked)} />
            {writing.isError && <Problem error={writing.error} />}
            <Switch label="Files only grow" description="For logs that are appended to. A file that is rewritten and grows would be sent torn." checked={disk.growingFiles} disabled={growing.isPending} onChange={(e) => growing.mutate(e.currentTarget.checked)} />
            {growing.isError && <Problem error={growing.error} />}
          </Stack>
        </Section>
      )}
      {session.isRoot && <Section title="Remove"><Button variant="light" color="red" onClick={() => setAsked(true)}>Delete the disk</Button></Section>}
      <Confirm
        opened={isAsked} onClose={() => setAsked(false)} title={`Delete ${disk.name}?`} action="Delete" type={disk.name}
        onConfirm={async () => {
          await done(api.DELETE('/api/disks/{id}', path));
          await queries.invalidateQueries({ queryKey: ['disks'] });
          await navigate({ to: '/disks', search: { new: undefined } });
        }}
      >
        Its users and links end. A directory that the server made for it is removed with its files; one that was attached stays as it is.
      </Confirm>
    </>
  );
}

function Users({ disk }: { disk: Disk }) {
  const session = useSession();
  const key = ['disk', disk.id];
  const [nickname, setNickname] = useState('');
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Schemas['DiskUserView'] | null>(null);
  const queries = useQueryClient();
  const remove = useSaving(
    (user: Schemas['DiskUserView']) => done(api.DELETE('/api/disks/{id}/users/{type}', { params: { path: { id: disk.id, type: user.type }, query: { identifier: user.identifier } } } as never)),
    [key], 'The user was removed.',
  );
  const users = disk.authorizedUsers ?? [];
  const add = session.isRoot && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>Add user</Button>;
  return (
    <Section title="Authorized users" about="Each has S3 credentials that open this disk and nothing else." actions={users.length > 0 && add}>
      {users.length === 0 ? <Empty icon={<IconUsers size={32} stroke={1.3} />} title="Nobody yet" action={add}>Add a user to read this disk with any S3 program.</Empty> : (
        <div className="table-scroll">
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Access key</Table.Th><Table.Th>Added</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
            <Table.Tbody>
              {users.map((user) => (
                <Table.Tr key={user.identifier}>
                  <Table.Td className="break">{user.nickname || <Text span inherit c="dimmed">no name</Text>}</Table.Td><Table.Td><Copyable value={user.accessKeyId} /></Table.Td><Table.Td className="nowrap"><Time at={user.createdAt} /></Table.Td>
                  <Table.Td align="right">{session.isRoot && <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoved(user)}>Remove</Button>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <FormModal
        opened={isAdding} onClose={() => setAdding(false)} title="Add user" action="Add"
        onSubmit={() => call(api.POST('/api/disks/{id}/users', { params: { path: { id: disk.id } }, body: { type: 's3', ...(nickname ? { nickname } : {}) } as never }))}
        onDone={(user) => {
          setNickname('');
          void queries.invalidateQueries({ queryKey: key });
          secrets.show({
            title: 'S3 credentials', items: [['Access key', user.accessKeyId], ['Secret key', user.secretAccessKey ?? ''], ['Endpoint', endpointOf(session)], ['Bucket', disk.id], ['Region', session.region]],
            more: <Snippets endpoint={endpointOf(session)} region={session.region} bucket={disk.id} accessKey={user.accessKeyId} secretKey={user.secretAccessKey ?? ''} isReading />,
          });
        }}
      >
        <TextInput label="Name" description="For you to recognise it." value={nickname} onChange={(e) => setNickname(e.currentTarget.value)} data-autofocus maxLength={128} />
      </FormModal>
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title="Remove the user?" action="Remove" onConfirm={() => remove.mutateAsync(removed!)}>Its key is refused from the next request on.</Confirm>
    </Section>
  );
}

/** Uploads to the disk that nobody completed: they take room, and are no files yet. */
function Unfinished({ disk }: { disk: string }) {
  const key = ['disk', disk, 'uploads'];
  const query = useQuery({ queryKey: key, queryFn: () => call(api.GET('/api/disks/{id}/uploads', { params: { path: { id: disk } } })) });
  const [asked, setAsked] = useState<Schemas['DiskUploadView'] | null>(null);
  const end = useSaving((upload: string) => abortDiskUpload(disk, upload), [key], 'The upload was ended.');
  return (
    <Section title="Unfinished uploads" about="What has arrived takes room, and is no file yet. Pick the same file again to go on.">
      <Loaded query={query} rows={2}>
        {({ uploads }) =>
          uploads.length === 0 ? <Text size="sm" c="dimmed">There are none.</Text> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Path</Table.Th><Table.Th className="num">Arrived</Table.Th><Table.Th>Begun</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {uploads.map((upload) => (
                    <Table.Tr key={upload.uploadId}>
                      <Table.Td className="break">{visible(upload.path)}</Table.Td><Table.Td className="num"><Bytes value={upload.offset} />{upload.length !== null && upload.length !== undefined && <> of <Bytes value={upload.length} /></>}</Table.Td><Table.Td className="nowrap"><Time at={upload.createdAt} /></Table.Td>
                      <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked(upload)}>End</Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )
        }
      </Loaded>
      <Confirm opened={asked !== null} onClose={() => setAsked(null)} title="End the upload?" action="End" onConfirm={() => end.mutateAsync(asked!.uploadId)}>What has arrived is deleted.</Confirm>
    </Section>
  );
}

function Ips({ disk }: { disk: Disk }) {
  const session = useSession();
  const [ips, setIps] = useState(disk.allowedIps);
  const save = useSaving((allowedIps: string[]) => done(api.PUT('/api/disks/{id}/allowed-ips', { params: { path: { id: disk.id } }, body: { allowedIps } })), [['disk', disk.id]]);
  const isChanged = JSON.stringify(ips) !== JSON.stringify(disk.allowedIps);
  return (
    <Section title="Allowed IPs" about="From where the disk can be read over S3. Links and this console's own calls are not bound to it.">
      <Stack maw={520}>
        <TagsInput label="Addresses and networks" description="192.0.2.7, 10.0.0.0/8, 2001:db8::/32. None: from everywhere. Enter after each." value={ips} onChange={setIps} disabled={!session.isRoot} />
        {ips.length > 0 && disk.allowedIps.length === 0 && <Alert color="yellow" variant="light" p="xs">Once saved, everyone else is refused: this browser too, if its address is not among them.</Alert>}
        {save.isError && <Problem error={save.error} />}
        {session.isRoot && <Group><Button disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate(ips)}>Save</Button>{isChanged && <Button variant="default" onClick={() => { setIps(disk.allowedIps); save.reset(); }}>Undo</Button>}</Group>}
      </Stack>
    </Section>
  );
}
