import { Button, JsonInput, NumberInput, Select, Table, TextInput } from '@mantine/core';
import { IconIdBadge2, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done } from '../../api/client';
import { trustedIssuersQuery, rolesQuery } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { Copyable, Time } from '../../components/Text';
import { useSaving } from '../../components/useSaving';
import { Issuers } from './Issuers';
import { jsonProblem } from './Policies';

const startConditions = '{\n  "StringLike": { "sub": "system:serviceaccount:NAMESPACE:*" }\n}';

/** Roles that workloads and people assume with tokens of an issuer, and the issuers. */
export function Roles({ organization }: { organization: string }) {
  const roles = useQuery(rolesQuery(organization));
  const issuers = useQuery(trustedIssuersQuery(organization));
  const keys = [rolesQuery(organization).queryKey];
  const [isNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [issuer, setIssuer] = useState<string | null>(null);
  const [conditions, setConditions] = useState(startConditions);
  const [policy, setPolicy] = useState('');
  const [seconds, setSeconds] = useState<number | string>(3600);
  const [removed, setRemoved] = useState<string | null>(null);
  const remove = useSaving((role: string) => done(api.DELETE('/api/organizations/{organization}/roles/{role}', { params: { path: { organization, role } } })), keys, 'The role was removed.');
  const create = useSaving(async () => {
    await call(api.POST('/api/organizations/{organization}/roles', { params: { path: { organization } }, body: { name, issuer, conditions: JSON.parse(conditions), maxSessionSeconds: Number(seconds), ...(policy.trim() ? { policies: [JSON.parse(policy)] } : {}) } as never }));
    setName('');
  }, keys);
  const hasIssuers = (issuers.data?.issuers.length ?? 0) > 0;
  const add = hasIssuers && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>New role</Button>;
  return (
    <>
      <Section title="Roles" about="A workload or a person with a token of an issuer assumes a role, and gets credentials that end by themselves." actions={(roles.data?.roles.length ?? 0) > 0 && add}>
        <Loaded query={roles}>
          {(data) =>
            data.roles.length === 0 ? <Empty icon={<IconIdBadge2 size={32} stroke={1.3} />} title="No roles yet" action={add}>{hasIssuers ? 'A role says which tokens may assume it, and policies say what it may do.' : 'A role needs an issuer of tokens first, which the root user of the server adds.'}</Empty> : (
              <div className="table-scroll">
                <Table>
                  <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Issuer</Table.Th><Table.Th>ARN</Table.Th><Table.Th>Created</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {data.roles.map((role) => (
                      <Table.Tr key={role.roleId}>
                        <Table.Td fw={500}>{role.name}</Table.Td><Table.Td>{role.issuer}</Table.Td><Table.Td><Copyable value={role.arn} /></Table.Td><Table.Td className="nowrap"><Time at={role.created} /></Table.Td>
                        <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoved(role.name)}>Remove</Button></Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            )
          }
        </Loaded>
      </Section>
      <Issuers organization={organization} />
      <FormModal
        opened={isNew} onClose={() => setNew(false)} title="New role" action="Create" onSubmit={() => create.mutateAsync(undefined)}
        isValid={name !== '' && issuer !== null && jsonProblem(conditions) === null && (policy.trim() === '' || jsonProblem(policy) === null)}
      >
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
        <Select label="Issuer" data={issuers.data?.issuers.map((one) => one.name) ?? []} value={issuer} onChange={setIssuer} />
        <JsonInput label="Which tokens may assume it" description="Conditions about the claims of the token." autosize minRows={3} value={conditions} onChange={setConditions} spellCheck={false} validationError="This is not JSON." />
        <JsonInput label="Policy" description="What it may do. Empty: what policies of buckets and of the organization allow the role." autosize minRows={3} value={policy} onChange={setPolicy} spellCheck={false} validationError="This is not JSON." />
        <NumberInput label="Credentials end after (seconds)" min={900} max={43200} allowDecimal={false} value={seconds} onChange={setSeconds} />
      </FormModal>
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title={`Remove ${removed}?`} action="Remove" onConfirm={() => remove.mutateAsync(removed!)}>Nothing can assume it any more, and its sessions end at once.</Confirm>
    </>
  );
}
