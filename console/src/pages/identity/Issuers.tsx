import { Button, Group, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../../api/client';
import { trustedIssuersQuery } from '../../api/lists';
import { issuersQuery, useSession } from '../../api/session';
import { visible } from '../../app/format';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Loaded, Section } from '../../components/Layout';
import { useSaving } from '../../components/useSaving';
import { IssuerSignIn } from './IssuerSignIn';

/** Providers of OpenID Connect that an organization trusts. The server fetches keys from them, so its root user alone says which. */
export function Issuers({ organization }: { organization: string }) {
  const session = useSession();
  const issuers = useQuery(trustedIssuersQuery(organization));
  const keys = [trustedIssuersQuery(organization).queryKey];
  const [isNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [audiences, setAudiences] = useState<string[]>([]);
  const [hosts, setHosts] = useState<string[]>([]);
  const [removed, setRemoved] = useState<string | null>(null);
  const [signIn, setSignIn] = useState<Schemas['IssuerView'] | null>(null);
  const [stopped, setStopped] = useState<string | null>(null);
  const create = useSaving(async () => {
    await call(api.POST('/api/issuers', { body: { name, url, audiences, hosts, organization } as never }));
    setName(''); setUrl(''); setAudiences([]); setHosts([]);
  }, keys);
  const path = (issuer: string) => ({ params: { path: { name: issuer }, query: { organization } } });
  const remove = useSaving((issuer: string) => done(api.DELETE('/api/issuers/{name}', path(issuer))), keys, 'The issuer was removed.');
  const stop = useSaving((issuer: string) => done(api.DELETE('/api/issuers/{name}/console', path(issuer))), [...keys, issuersQuery.queryKey], 'Nobody signs in with it any more.');
  return (
    <Section title="Issuers" about="Providers of OpenID Connect whose tokens are trusted." actions={session.isServerRoot && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>New issuer</Button>}>
      <Loaded query={issuers} rows={2}>
        {(data) =>
          data.issuers.length === 0 ? <Text size="sm" c="dimmed">None.</Text> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>URL</Table.Th><Table.Th>Audiences</Table.Th><Table.Th>Signs in to the console</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {data.issuers.map((one) => (
                    <Table.Tr key={one.name}>
                      <Table.Td fw={500}>{one.name}</Table.Td><Table.Td className="break">{one.url}</Table.Td><Table.Td className="break">{one.audiences.join(', ')}</Table.Td>
                      <Table.Td className="break">{one.console ? visible(one.console.title) : <Text span inherit c="dimmed">nobody</Text>}</Table.Td>
                      <Table.Td align="right">
                        {session.isServerRoot && (
                          <Group gap={4} justify="flex-end" wrap="nowrap">
                            <Button size="compact-xs" variant="default" onClick={() => setSignIn(one)}>Sign-in…</Button>
                            <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoved(one.name)}>Remove</Button>
                          </Group>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )
        }
      </Loaded>
      <FormModal opened={isNew} onClose={() => setNew(false)} title="New issuer" action="Create" onSubmit={() => create.mutateAsync(undefined)} isValid={name !== '' && url.startsWith('https://') && audiences.length > 0}>
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
        <TextInput label="URL" placeholder="https://issuer.example.com" value={url} onChange={(e) => setUrl(e.currentTarget.value)} spellCheck={false} />
        <TagsInput label="Audiences" description="A token must be for one of them. Enter after each." value={audiences} onChange={setAudiences} />
        <TagsInput label="Other hosts" description="That its discovery document may name besides its own. Enter after each." value={hosts} onChange={setHosts} />
      </FormModal>
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title={`Remove ${removed}?`} action="Remove" onConfirm={() => remove.mutateAsync(removed!)}>Its tokens are refused from now on, and sessions that began with them end at once.</Confirm>
      {signIn && <IssuerSignIn key={signIn.name} issuer={signIn} onClose={() => setSignIn(null)} onStop={() => { setStopped(signIn.name); setSignIn(null); }} />}
      <Confirm opened={stopped !== null} onClose={() => setStopped(null)} title={`Let nobody sign in with ${stopped}?`} action="Turn off" onConfirm={() => stop.mutateAsync(stopped!)}>Its client and the client's secret are forgotten. Sessions that have begun go on until they end.</Confirm>
    </Section>
  );
}
