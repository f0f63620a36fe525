import { Button, Select, Table, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTicket } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../../api/client';
import { usePages, usersQuery, type Asked } from '../../api/lists';
import { useSession } from '../../api/session';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { More } from '../../components/More';
import { secrets } from '../../components/secrets';
import { Time } from '../../components/Text';
import { useSaving } from '../../components/useSaving';

export function Tokens({ organization, mayCreate = true }: { organization: string; mayCreate?: boolean }) {
  const queries = useQueryClient();
  const session = useSession();
  const key = ['tokens', organization];
  const list = usePages(key, (query: Asked) => call(api.GET('/api/tokens', { params: { query: { organization, ...query } } })), ['tokens']);
  const users = useQuery({ ...usersQuery(organization), enabled: session.isRoot });
  const [isNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [about, setAbout] = useState('');
  const [user, setUser] = useState<string | null>('');
  const [asked, setAsked] = useState<Schemas['TokenView'] | null>(null);
  const remove = useSaving((id: string) => done(api.DELETE('/api/tokens/{id}', { params: { path: { id } } })), [key], 'The token was revoked.');
  const add = mayCreate && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>New token</Button>;
  return (
    <Section title="API tokens" about="A token is one text for the control API and for reading disks. It is its user." actions={(list.data?.tokens.length ?? 0) > 0 && add}>
      <Loaded query={list} rows={2}>
        {({ tokens }) =>
          tokens.length === 0 ? <Empty icon={<IconTicket size={32} stroke={1.3} />} title="No tokens yet" action={add}>Scripts send it as <code>Authorization: key-…</code></Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>User</Table.Th><Table.Th>Ends with</Table.Th><Table.Th>Created</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {tokens.map((token) => (
                    <Table.Tr key={token.id}>
                      <Table.Td><Text size="sm" fw={500}>{token.name}</Text>{token.description && <Text size="xs" c="dimmed">{token.description}</Text>}</Table.Td>
                      <Table.Td>{token.user ?? 'root user'}</Table.Td><Table.Td ff="monospace">…{token.tokenSuffix}</Table.Td><Table.Td className="nowrap"><Time at={token.createdAt} /></Table.Td>
                      <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked(token)}>Revoke</Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <More list={list} />
            </div>
          )
        }
      </Loaded>
      <FormModal
        opened={isNew} onClose={() => setNew(false)} title="New token" action="Create" isValid={name !== ''}
        onSubmit={() => call(api.POST('/api/tokens', { body: { name, organization, ...(about ? { description: about } : {}), ...(user ? { user } : {}) } as never }))}
        onDone={(token) => {
          setName(''); setAbout('');
          void queries.invalidateQueries({ queryKey: key });
          secrets.show({ title: 'API token', items: [['Token', token.token ?? '']] });
        }}
      >
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" />
        <TextInput label="What for" value={about} onChange={(e) => setAbout(e.currentTarget.value)} />
        <Select label="Of" data={[{ value: '', label: 'The root user' }, ...(users.data?.users.map((u) => ({ value: u.name, label: u.name })) ?? [])]} value={user} onChange={setUser} searchable limit={200} allowDeselect={false} />
      </FormModal>
      <Confirm opened={asked !== null} onClose={() => setAsked(null)} title="Revoke the token?" action="Revoke" onConfirm={() => remove.mutateAsync(asked!.id)}>Whatever uses {asked?.name} is refused from its next request on.</Confirm>
    </Section>
  );
}
