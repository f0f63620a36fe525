import { ActionIcon, Badge, Button, Group, Menu, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { IconDots, IconPlus, IconUsers } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../../api/client';
import { useUsers } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { More } from '../../components/More';
import { secrets } from '../../components/secrets';
import { Copy, Time } from '../../components/Text';
import { useSaving } from '../../components/useSaving';

type User = Schemas['UserView'];

export function Users({ organization }: { organization: string }) {
  const queries = useQueryClient();
  const key = ['users', organization];
  const list = useUsers(organization);
  const [isNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [groups, setGroups] = useState<string[]>([]);
  const [find, setFind] = useState('');
  const [grouped, setGrouped] = useState<User | null>(null);
  const [removed, setRemoved] = useState<User | null>(null);
  const remove = useSaving((user: string) => done(api.DELETE('/api/organizations/{organization}/users/{user}', { params: { path: { organization, user } } })), [key], 'The user was deleted.');
  const regroup = useSaving(async ({ user, to }: { user: User; to: string[] }) => {
    const path = (group: string) => ({ params: { path: { organization, user: user.name, group } } });
    for (const group of to.filter((g) => !user.groups.includes(g))) await done(api.PUT('/api/organizations/{organization}/users/{user}/groups/{group}', path(group)));
    for (const group of user.groups.filter((g) => !to.includes(g))) await done(api.DELETE('/api/organizations/{organization}/users/{user}/groups/{group}', path(group)));
  }, [key]);
  const all = [...new Set(list.data?.users.flatMap((user) => user.groups) ?? [])].sort();
  const add = <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => { setGroups([]); setNew(true); }}>New user</Button>;
  return (
    <Section title="Users and groups" about="Users may do what policies allow them. A group is a name that policies can mean several users by." actions={(list.data?.users.length ?? 0) > 0 && add}>
      <Loaded query={list}>
        {({ users }) =>
          users.length === 0 ? <Empty icon={<IconUsers size={32} stroke={1.3} />} title="No users yet" action={add}>A user has keys of its own, and may do what policies say. The root user is not listed.</Empty> : (
            <>
              {users.length > 8 && <TextInput mb="sm" maw={280} placeholder="Find a user or group" aria-label="Find a user or group" data-page-search value={find} onChange={(e) => setFind(e.currentTarget.value)} />}
              <div className="table-scroll">
                <Table>
                  <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Groups</Table.Th><Table.Th>Created</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {users.filter((user) => [user.name, user.displayName, ...user.groups].some((text) => text.includes(find))).map((user) => (
                      <Table.Tr key={user.name}>
                        <Table.Td><Text fw={500} size="sm">{user.name}</Text>{user.displayName !== user.name && <Text size="xs" c="dimmed">{user.displayName}</Text>}</Table.Td>
                        <Table.Td><Group gap={4}>{user.groups.map((group) => <Badge key={group} variant="light" color="gray" tt="none">{group}</Badge>)}</Group></Table.Td>
                        <Table.Td className="nowrap"><Time at={user.created} /></Table.Td>
                        <Table.Td align="right" className="nowrap">
                          <Copy value={user.arn} label={`Copy the ARN of ${user.name}`} />
                          <Menu position="bottom-end">
                            <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${user.name}`}><IconDots size={16} /></ActionIcon></Menu.Target>
                            <Menu.Dropdown>
                              <Menu.Item onClick={() => { setGroups(user.groups); setGrouped(user); }}>Groups…</Menu.Item>
                              <Menu.Item color="red" onClick={() => setRemoved(user)}>Delete…</Menu.Item>
                            </Menu.Dropdown>
                          </Menu>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
              <More list={list} />
            </>
          )
        }
      </Loaded>
      <FormModal
        opened={isNew} onClose={() => setNew(false)} title="New user" action="Create" isValid={name !== ''}
        onSubmit={() => call(api.POST('/api/organizations/{organization}/users', { params: { path: { organization } }, body: { name, ...(title ? { displayName: title } : {}), ...(groups.length ? { groups } : {}) } as never }))}
        onDone={(user) => {
          setName(''); setTitle('');
          void queries.invalidateQueries({ queryKey: key });
          void queries.invalidateQueries({ queryKey: ['keys'] });
          secrets.show({ title: `The key of ${user.name}`, items: [['Access key', user.accessKey ?? ''], ['Secret key', user.secretKey ?? '']] });
        }}
      >
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
        <TextInput label="Title" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
        <TagsInput label="Groups" data={all} value={groups} onChange={setGroups} />
      </FormModal>
      <FormModal opened={grouped !== null} onClose={() => setGrouped(null)} title={`Groups of ${grouped?.name ?? ''}`} action="Save" onSubmit={() => regroup.mutateAsync({ user: grouped!, to: groups })}>
        <TagsInput label="Groups" description="Enter after each." data={all} value={groups} onChange={setGroups} data-autofocus />
      </FormModal>
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title={`Delete ${removed?.name}?`} action="Delete" type={removed?.name ?? ''} onConfirm={() => remove.mutateAsync(removed!.name)}>Its keys and tokens are refused from the next request on.</Confirm>
    </Section>
  );
}
