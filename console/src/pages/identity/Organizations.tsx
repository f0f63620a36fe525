import { Anchor, Button, Table, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../../api/client';
import { usePages, type Asked } from '../../api/lists';
import { useSession } from '../../api/session';
import { FormModal } from '../../components/FormModal';
import { Loaded, PageHead } from '../../components/Layout';
import { More } from '../../components/More';
import { secrets } from '../../components/secrets';
import { Time } from '../../components/Text';

/** All organizations, for the server's root user; for others the way to their own. */
export function Organizations() {
  const session = useSession();
  if (!session.may.includes('organizations')) return <Navigate to="/identity/$organization/$section" params={{ organization: session.organization, section: 'users' }} replace />;
  return <AllOrganizations />;
}

function AllOrganizations() {
  const queries = useQueryClient();
  const [isNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [email, setEmail] = useState('');
  const list = usePages(['organizations'], (query: Asked) => call(api.GET('/api/organizations', { params: { query } })), ['organizations']);
  return (
    <>
      <PageHead title="Identity" about="Organizations own buckets and disks, and have users." actions={<Button leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>New organization</Button>} />
      <Loaded query={list}>
        {({ organizations }) => (
          <div className="table-scroll">
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Title</Table.Th><Table.Th visibleFrom="sm">E-mail</Table.Th><Table.Th>Created</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {organizations.map((one) => (
                  <Table.Tr key={one.name}>
                    <Table.Td><Anchor component={Link} to="/identity/$organization/$section" params={{ organization: one.name, section: 'users' } as never} fw={500}>{one.name}</Anchor></Table.Td>
                    <Table.Td>{one.displayName}</Table.Td><Table.Td visibleFrom="sm">{one.email}</Table.Td><Table.Td className="nowrap"><Time at={one.created} /></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <More list={list} />
          </div>
        )}
      </Loaded>
      <FormModal
        opened={isNew} onClose={() => setNew(false)} title="New organization" action="Create" isValid={name !== ''}
        onSubmit={() => call(api.POST('/api/organizations', { body: { name, ...(title ? { displayName: title } : {}), ...(email ? { email } : {}) } as never }))}
        onDone={(made) => {
          setName(''); setTitle(''); setEmail('');
          void queries.invalidateQueries({ queryKey: ['organizations'] });
          secrets.show({ title: `The root user of ${made.name}`, items: [['Access key', made.accessKey ?? ''], ['Secret key', made.secretKey ?? '']] });
        }}
      >
        <TextInput label="Name" description="Part of the ARNs of its users." value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
        <TextInput label="Title" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
        <TextInput label="E-mail" type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} />
      </FormModal>
    </>
  );
}
