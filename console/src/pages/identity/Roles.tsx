import { Button, JsonInput, NumberInput, Select, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { IconIdBadge2, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done } from '../../api/client';
import { useSession } from '../../api/session';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { Copyable, Time } from '../../components/Text';
import { useSaving } from '../../components/useSaving';
import { jsonProblem } from './Policies';

const startConditions = '{\n  "StringLike": { "sub": "system:serviceaccount:NAMESPACE:*" }\n}';

/** Roles that workloads assume with tokens of an issuer, and the issuers. */
export function Roles({ organization }: { organization: string }) {
  const session = useSession();
  const key = ['roles', organization];
  const roles = useQuery({ queryKey: key, queryFn: () => call(api.GET('/api/organizations/{organization}/roles', { params: { path: { organization } } })) });
  const issuers = useQuery({ queryKey: ['issuers', organization], queryFn: () => call(api.GET('/api/issuers', { params: { query: { organization } } })) });
  const [isNew, setNew] = useState<'role' | 'issuer' | null>(null);
  const [name, setName] = useState('');
  const [issuer, setIssuer] = useState<string | null>(null);
  const [conditions, setConditions] = useState(startConditions);
  const [policy, setPolicy] = useState('');
  const [seconds, setSeconds] = useState<number | string>(3600);
  const [url, setUrl] = useState('');
  const [audiences, setAudiences] = useState<string[]>([]);
  const [removed, setRemoved] = useState<{ kind: 'role' | 'issuer'; name: string } | null>(null);
  const remove = useSaving(
    (one: { kind: 'role' | 'issuer'; name: string }) =>
      one.kind === 'role' ? done(api.DELETE('/api/organizations/{organization}/roles/{role}', { params: { path: { organization, role: one.name } } })) : done(api.DELETE('/api/issuers/{name}', { params: { path: { name: one.name }, query: { organization } } } as never)),
    [key, ['issuers', organization]], 'It was removed.',
  );
  const create = useSaving(
    async () => {
      if (isNew === 'role') await call(api.POST('/api/organizations/{organization}/roles', { params: { path: { organization } }, body: { name, issuer, conditions: JSON.parse(conditions), maxSessionSeconds: Number(seconds), ...(policy.trim() ? { policies: [JSON.parse(policy)] } : {}) } as never }));
      else await call(api.POST('/api/issuers', { body: { name, url, audiences, organization } as never }));
      setName('');
    },
    [key, ['issuers', organization]],
  );
  const hasIssuers = (issuers.data?.issuers.length ?? 0) > 0;
  const addRole = hasIssuers && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew('role')}>New role</Button>;
  const addIssuer = session.isServerRoot && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew('issuer')}>New issuer</Button>;
  return (
    <>
      <Section title="Roles" about="A workload with a token of an issuer assumes a role, and gets credentials that end by themselves." actions={(roles.data?.roles.length ?? 0) > 0 && addRole}>
        <Loaded query={roles}>
          {(data) =>
            data.roles.length === 0 ? <Empty icon={<IconIdBadge2 size={32} stroke={1.3} />} title="No roles yet" action={addRole}>{hasIssuers ? 'A role says which tokens may assume it, and policies say what it may do.' : 'A role needs an issuer of tokens first, which the root user of the server adds.'}</Empty> : (
              <div className="table-scroll">
                <Table>
                  <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Issuer</Table.Th><Table.Th>ARN</Table.Th><Table.Th>Created</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {data.roles.map((role) => (
                      <Table.Tr key={role.roleId}>
                        <Table.Td fw={500}>{role.name}</Table.Td><Table.Td>{role.issuer}</Table.Td><Table.Td><Copyable value={role.arn} /></Table.Td><Table.Td className="nowrap"><Time at={role.created} /></Table.Td>
                        <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoved({ kind: 'role', name: role.name })}>Remove</Button></Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            )
          }
        </Loaded>
      </Section>
      <Section title="Issuers" about="Providers of OpenID Connect whose tokens are trusted." actions={addIssuer}>
        <Loaded query={issuers} rows={2}>
          {(data) =>
            data.issuers.length === 0 ? <Text size="sm" c="dimmed">None.</Text> : (
              <div className="table-scroll">
                <Table>
                  <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>URL</Table.Th><Table.Th>Audiences</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {data.issuers.map((one) => (
                      <Table.Tr key={one.name}>
                        <Table.Td fw={500}>{one.name}</Table.Td><Table.Td className="break">{one.url}</Table.Td><Table.Td className="break">{one.audiences.join(', ')}</Table.Td>
                        <Table.Td align="right">{session.isServerRoot && <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoved({ kind: 'issuer', name: one.name })}>Remove</Button>}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            )
          }
        </Loaded>
      </Section>
      <FormModal
        opened={isNew !== null} onClose={() => setNew(null)} title={isNew === 'role' ? 'New role' : 'New issuer'} action="Create" onSubmit={() => create.mutateAsync(undefined)}
        isValid={name !== '' && (isNew === 'role' ? issuer !== null && jsonProblem(conditions) === null && (policy.trim() === '' || jsonProblem(policy) === null) : url.startsWith('https://') && audiences.length > 0)}
      >
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
        {isNew === 'role' ? (
          <>
            <Select label="Issuer" data={issuers.data?.issuers.map((one) => one.name) ?? []} value={issuer} onChange={setIssuer} />
            <JsonInput label="Which tokens may assume it" description="Conditions about the claims of the token." autosize minRows={3} value={conditions} onChange={setConditions} spellCheck={false} validationError="This is not JSON." />
            <JsonInput label="Policy" description="What it may do. Empty: what policies of buckets and of the organization allow the role." autosize minRows={3} value={policy} onChange={setPolicy} spellCheck={false} validationError="This is not JSON." />
            <NumberInput label="Credentials end after (seconds)" min={900} max={43200} allowDecimal={false} value={seconds} onChange={setSeconds} />
          </>
        ) : (
          <>
            <TextInput label="URL" placeholder="https://issuer.example.com" value={url} onChange={(e) => setUrl(e.currentTarget.value)} spellCheck={false} />
            <TagsInput label="Audiences" description="Enter after each." value={audiences} onChange={setAudiences} />
          </>
        )}
      </FormModal>
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title={`Remove ${removed?.name}?`} action="Remove" onConfirm={() => remove.mutateAsync(removed!)}>{removed?.kind === 'role' ? 'Nothing can assume it any more.' : 'Tokens of this issuer are refused from now on.'}</Confirm>
    </>
  );
}
