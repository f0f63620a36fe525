import { Alert, Button, Group, Stack, Table, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconScale } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { Time } from '../../components/Text';
import { useSaving } from '../../components/useSaving';

const start = JSON.stringify({ version: 'v1alpha1', name: '', statements: [{ name: 'team', effect: 'Allow', actions: ['s3:ListBucket', 's3:GetObject'], resources: ['BUCKET', 'BUCKET/*'], principals: ['user/NAME'] }] }, null, 2);

/** The document with the name under which it is stored, which it has to have. */
const named = (text: string, name: string): object => ({ ...(JSON.parse(text) as object), name });

/** Policies for all buckets of an organization: they come before those of the buckets. */
export function Policies({ organization }: { organization: string }) {
  const key = ['policies', organization];
  const list = useQuery({ queryKey: key, queryFn: () => call(api.GET('/api/organizations/{organization}/policies', { params: { path: { organization } } })) });
  const [edited, setEdited] = useState<{ name: string; text: string; isNew: boolean } | null>(null);
  const [removed, setRemoved] = useState<string | null>(null);
  const path = (name: string) => ({ params: { path: { organization, name } } });
  const save = useSaving(({ name, text }: { name: string; text: string }) => call(api.PUT('/api/organizations/{organization}/policies/{name}', { ...path(name), body: named(text, name) as never })), [key]);
  const remove = useSaving((name: string) => done(api.DELETE('/api/organizations/{organization}/policies/{name}', path(name))), [key], 'The policy was removed.');
  const problem = edited ? jsonProblem(edited.text) : null;
  const add = <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setEdited({ name: '', text: start, isNew: true })}>New policy</Button>;
  return (
    <Section title="Organization policies" about="They count in all buckets of the organization, before the policies of buckets." actions={(list.data?.policies.length ?? 0) > 0 && add}>
      <Loaded query={list}>
        {({ policies }) =>
          policies.length === 0 ? <Empty icon={<IconScale size={32} stroke={1.3} />} title="No policies yet" action={add}>One policy can let a group use many buckets, or forbid something in all of them.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Changed</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {policies.map((policy) => (
                    <Table.Tr key={policy.name}>
                      <Table.Td><Text size="sm" fw={500}>{policy.name}</Text>{policy.warnings?.map((warning) => <Text key={warning} size="xs" c="orange">{warning}</Text>)}</Table.Td>
                      <Table.Td className="nowrap"><Time at={policy.updated} /></Table.Td>
                      <Table.Td align="right">
                        <Group gap={4} justify="flex-end" wrap="nowrap">
                          <Button size="compact-xs" variant="default" onClick={() => setEdited({ name: policy.name, text: JSON.stringify(policy.policy, null, 2), isNew: false })}>Edit</Button>
                          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoved(policy.name)}>Remove</Button>
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )
        }
      </Loaded>
      <FormModal opened={edited !== null} onClose={() => setEdited(null)} size="xl" title={edited?.isNew ? 'New policy' : `Policy ${edited?.name ?? ''}`} action="Save" isValid={problem === null && edited?.name !== ''} onSubmit={() => save.mutateAsync(edited!)}>
        {edited && (
          <Stack>
            {edited.isNew && <TextInput label="Name" value={edited.name} onChange={(e) => setEdited({ ...edited, name: e.currentTarget.value })} data-autofocus autoComplete="off" spellCheck={false} />}
            <Textarea className="policy" label="Policy" autosize minRows={10} maxRows={26} spellCheck={false} value={edited.text} onChange={(e) => setEdited({ ...edited, text: e.currentTarget.value })} error={problem} />
            {edited.isNew && <Alert variant="light" color="gray" p="xs">Put the user and the bucket in the place of NAME and BUCKET.</Alert>}
          </Stack>
        )}
      </FormModal>
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title={`Remove ${removed}?`} action="Remove" onConfirm={() => remove.mutateAsync(removed!)}>What it allowed is no longer allowed by it, and what it denied no longer denied.</Confirm>
    </Section>
  );
}

/** Why a text is not JSON; null if it is. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
