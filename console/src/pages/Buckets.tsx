import { Anchor, Badge, Button, Group, Select, Switch, Table, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArchive, IconApps, IconPlus, IconSearch, IconSettings } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ApiError, call, type Schemas } from '../api/client';
import { usePages, type Asked } from '../api/lists';
import { useMay, useSession } from '../api/session';
import { count } from '../app/format';
import { FormModal } from '../components/FormModal';
import { Empty, Loaded, PageHead } from '../components/Layout';
import { More } from '../components/More';
import { Problem } from '../components/Problem';
import { Bytes, Time } from '../components/Text';
import { putSetting, s3 } from '../s3/client';
import { writeVersioning } from '../s3/settings';
import { document } from '../s3/xml';

type Bucket = Schemas['BucketView'];

export function Buckets() {
  const session = useSession();
  const { new: isNew, find = '' } = useSearch({ from: '/app/buckets' });
  const navigate = useNavigate({ from: '/buckets' });
  const [sort, setSort] = useState<'name' | 'objects' | 'bytes' | 'createdAt'>('name');
  const list = usePages(['buckets', 'list'], (query: Asked) => call(api.GET('/api/buckets', { params: { query } })), ['buckets', 'damaged'], { refetchInterval: 30_000 });
  const mayApplications = useMay('applications');
  const create = session.may.includes('createBucket') && <Button leftSection={<IconPlus size={16} />} onClick={() => void navigate({ search: { new: '1', find } })}>New bucket</Button>;
  const hasMany = (list.data?.buckets.length ?? 0) > 8;
  return (
    <>
      <PageHead
        title="Buckets"
        actions={<>{mayApplications && <Button variant="default" component={Link} to="/applications/new" leftSection={<IconApps size={16} />}>New application</Button>}{create}</>}
      />
      <Loaded query={list} title="The buckets could not be listed">
        {({ buckets, damaged }) =>
          buckets.length === 0 && damaged.length === 0 ? (
            <Empty icon={<IconArchive size={36} stroke={1.3} />} title="No buckets yet" action={create}>
              {session.may.includes('createBucket') ? 'A bucket holds objects: files with a name and properties. Make the first one here, or with any S3 program.' : 'You see the buckets here that a policy lets you list. Ask your administrator.'}
            </Empty>
          ) : (
            <>
              {damaged.map((bucket) => <Problem key={bucket.name} error={new Error(bucket.error)} title={`What is stored of ${bucket.name} is damaged`} />)}
              {hasMany && <TextInput mb="sm" maw={320} leftSection={<IconSearch size={15} />} placeholder="Find a bucket" aria-label="Find a bucket" data-page-search value={find} onChange={(e) => void navigate({ search: { new: undefined, find: e.currentTarget.value }, replace: true })} />}
              <div className="table-scroll">
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Sorted name="name" sort={sort} onSort={setSort}>Name</Sorted><Sorted name="objects" sort={sort} onSort={setSort} isNumber>Objects</Sorted><Sorted name="bytes" sort={sort} onSort={setSort} isNumber>Size</Sorted>
                      {session.isServerRoot && <Table.Th visibleFrom="sm">Owner</Table.Th>}<Sorted name="createdAt" sort={sort} onSort={setSort} isWide>Created</Sorted><Table.Th aria-label="Settings" />
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {sorted(buckets, sort).filter((bucket) => bucket.name.includes(find)).map((bucket) => <Row key={bucket.name} bucket={bucket} hasOwner={session.isServerRoot} />)}
                  </Table.Tbody>
                </Table>
              </div>
              <More list={list} />
            </>
          )
        }
      </Loaded>
      <NewBucket opened={isNew !== undefined} onClose={() => void navigate({ search: { new: undefined, find } })} />
    </>
  );
}

function sorted(buckets: Bucket[], by: 'name' | 'objects' | 'bytes' | 'createdAt') {
  if (by === 'name') return buckets;
  return [...buckets].sort((a, b) => (by === 'createdAt' ? b.createdAt.localeCompare(a.createdAt) : b[by] - a[by]));
}

function Sorted<T extends string>({ name, sort, onSort, children, isNumber, isWide }: { name: T; sort: T; onSort: (name: T) => void; children: string; isNumber?: boolean; isWide?: boolean }) {
  return (
    <Table.Th aria-sort={sort === name ? (name === 'name' ? 'ascending' : 'descending') : 'none'} {...(isNumber ? { className: 'num' } : {})} {...(isWide ? { visibleFrom: 'sm' } : {})}>
      <button type="button" className="sort" data-active={sort === name || undefined} onClick={() => onSort(name)}>{children}</button>
    </Table.Th>
  );
}

function Row({ bucket, hasOwner }: { bucket: Bucket; hasOwner: boolean }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <Anchor component={Link} to="/buckets/$bucket" params={{ bucket: bucket.name } as never} fw={500} className="break">{bucket.name}</Anchor>
          {bucket.versioning === 'enabled' && <Badge size="sm" variant="light" color="gray">versions</Badge>}
        </Group>
      </Table.Td>
      <Table.Td className="num">{bucket.isExact ? '' : '~'}{count(bucket.objects)}</Table.Td>
      <Table.Td className="num"><Bytes value={bucket.bytes + bucket.noncurrentBytes} /></Table.Td>
      {hasOwner && <Table.Td visibleFrom="sm"><Text size="sm" c="dimmed">{bucket.ownerName}</Text></Table.Td>}
      <Table.Td visibleFrom="sm" className="nowrap"><Text size="sm" c="dimmed" component="div"><Time at={bucket.createdAt} /></Text></Table.Td>
      <Table.Td w={44}>
        <Button component={Link} to="/buckets/$bucket/settings/$section" params={{ bucket: bucket.name, section: 'overview' } as never} variant="subtle" color="gray" size="compact-sm" aria-label={`Settings of ${bucket.name}`}><IconSettings size={16} /></Button>
      </Table.Td>
    </Table.Tr>
  );
}

/** What is wrong with a name, by the rules of S3. */
export function nameProblem(name: string): string | null {
  if (name === '') return null;
  if (name.length < 3 || name.length > 63) return 'A name has 3 to 63 characters.';
  if (/[A-Z]/.test(name)) return 'A name has no capital letters.';
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name)) return 'A name has letters, digits, dots and hyphens, and begins and ends with a letter or digit.';
  if (name.includes('..')) return 'Two dots cannot follow each other.';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'A name cannot look like an IP address.';
  if (/^(xn--|sthree-|dsk-)|(-s3alias|--ol-s3)$/.test(name)) return 'This beginning or end of a name is reserved.';
  return null;
}

async function exists(bucket: string): Promise<boolean> {
  try {
    await s3({ method: 'HEAD', bucket });
    return true;
  } catch (error) {
    // What is somebody else's is refused when it is asked for.
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return false;
    throw error;
  }
}

function NewBucket({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [hasVersions, setVersions] = useState(false);
  const [access, setAccess] = useState<string | null>('private');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problem = nameProblem(name);
  async function create() {
    // In S3's first region the request for a bucket that one has already succeeds, and what follows would change that bucket.
    if (await exists(name)) throw new ApiError('You have a bucket of this name already. Choose another.', 409);
    await s3({ method: 'PUT', bucket: name });
    if (hasVersions) await writeVersioning(name, true);
    if (access === 'blocked')
      await putSetting(name, 'publicAccessBlock', document('PublicAccessBlockConfiguration', { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }));
    return name;
  }
  return (
    <FormModal
      opened={opened} onClose={onClose} title="New bucket" action="Create" isValid={name !== '' && problem === null} onSubmit={create}
      onDone={(made) => {
        setName('');
        notifications.show({ message: `${made} was created.` });
        void queries.invalidateQueries({ queryKey: ['buckets'] });
        void navigate({ to: '/buckets/$bucket', params: { bucket: made }, search: { prefix: undefined, find: undefined, flat: undefined } });
      }}
    >
      <TextInput label="Name" description="Part of every address of its objects. It cannot be changed." value={name} onChange={(e) => setName(e.currentTarget.value)} error={problem} data-autofocus autoComplete="off" spellCheck={false} maxLength={63} />
      <Switch label="Keep versions" description="What is overwritten or deleted stays and can be brought back." checked={hasVersions} onChange={(e) => setVersions(e.currentTarget.checked)} />
      <Select label="Public access" data={[{ value: 'private', label: 'Private until a policy says otherwise' }, { value: 'blocked', label: 'Blocked, whatever policies say' }]} value={access} onChange={setAccess} allowDeselect={false} />
    </FormModal>
  );
}
