import { Anchor, Badge, Button, Select, Stack, Table, TagsInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconServer2, IconSettings } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../api/client';
import { readDisks, usePages } from '../api/lists';
import { useMay, useSession } from '../api/session';
import { FormModal } from '../components/FormModal';
import { Empty, Loaded, PageHead } from '../components/Layout';
import { More } from '../components/More';
import { Time } from '../components/Text';

export function Disks() {
  const mayCreate = useMay('createDisk');
  const session = useSession();
  const { new: isNew } = useSearch({ from: '/app/disks' });
  const navigate = useNavigate({ from: '/disks' });
  const list = usePages(['disks'], readDisks, ['disks'], { refetchInterval: 30_000 });
  const create = mayCreate && <Button leftSection={<IconPlus size={16} />} onClick={() => void navigate({ search: { new: '1' } })}>New disk</Button>;
  return (
    <>
      <PageHead title="Disks" about="Directory trees of the server, shown over S3." actions={create} />
      <Loaded query={list} title="The disks could not be listed">
        {({ disks }) =>
          disks.length === 0 ? <Empty icon={<IconServer2 size={36} stroke={1.3} />} title="No disks yet" action={create}>A disk shows a directory tree as a bucket: its files are objects at once, without a copy.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>State</Table.Th><Table.Th visibleFrom="sm">Id</Table.Th>{session.isServerRoot && <Table.Th visibleFrom="sm">Organization</Table.Th>}<Table.Th visibleFrom="sm">Created</Table.Th><Table.Th aria-label="Settings" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {disks.map((disk) => (
                    <Table.Tr key={disk.id}>
                      <Table.Td><Anchor component={Link} to="/disks/$disk" params={{ disk: disk.id } as never} fw={500} className="break">{disk.name}</Anchor></Table.Td>
                      <Table.Td className="nowrap"><DiskState status={disk.status} /> {disk.writing && <Badge size="sm" variant="light" color="gray">can be written</Badge>}</Table.Td>
                      <Table.Td visibleFrom="sm" ff="monospace" fz="xs">{disk.id}</Table.Td>
                      {session.isServerRoot && <Table.Td visibleFrom="sm">{disk.organization}</Table.Td>}
                      <Table.Td visibleFrom="sm" className="nowrap"><Time at={disk.createdAt} /></Table.Td>
                      <Table.Td w={44}><Button component={Link} to="/disks/$disk/settings/$section" params={{ disk: disk.id, section: 'overview' } as never} variant="subtle" color="gray" size="compact-sm" aria-label={`Settings of ${disk.name}`}><IconSettings size={16} /></Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <More list={list} />
            </div>
          )
        }
      </Loaded>
      <NewDisk opened={isNew !== undefined} onClose={() => void navigate({ search: { new: undefined } })} />
    </>
  );
}

export const isWell = (status: string) => status === 'available' || status === 'ready';
export const DiskState = ({ status }: { status: string }) => <Badge variant="light" color={isWell(status) ? 'teal' : 'orange'}>{status}</Badge>;

function NewDisk({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<string | null>('empty');
  const [path, setPath] = useState('');
  const [ips, setIps] = useState<string[]>([]);
  const isNamed = /^[A-Za-z0-9_-]{1,128}$/.test(name);
  const isValid = isNamed && (kind === 'empty' || path.startsWith('/'));
  return (
    <FormModal
      opened={opened} onClose={onClose} title="New disk" action="Create" isValid={isValid}
      onSubmit={() => call(api.POST('/api/disks', { body: { name, ...(kind === 'attach' ? { mounts: [{ type: 'local', path }] } : {}), ...(ips.length ? { allowedIps: ips } : {}) } as never }))}
      onDone={(disk) => {
        notifications.show({ message: `${name} was created.` });
        void queries.invalidateQueries({ queryKey: ['disks'] });
        void navigate({ to: '/disks/$disk/settings/$section', params: { disk: disk.diskId, section: 'users' } });
      }}
    >
      <Stack>
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} error={name && !isNamed ? 'Letters, digits, - and _.' : null} data-autofocus autoComplete="off" />
        <Select label="Holds" data={[{ value: 'empty', label: 'A new empty directory' }, { value: 'attach', label: 'A directory that exists on the server' }]} value={kind} onChange={setKind} allowDeselect={false} />
        {kind === 'attach' && <TextInput label="Path on the server" description="Below a disk-root of the server's configuration." placeholder="/srv/reports" value={path} onChange={(e) => setPath(e.currentTarget.value)} spellCheck={false} />}
        <TagsInput label="Allowed IPs" description="Addresses and networks that may read it over S3. None: all. Enter after each." value={ips} onChange={setIps} />
      </Stack>
    </FormModal>
  );
}
