import { ActionIcon, Badge, Button, Group, Menu, Modal, Select, Table, TagsInput, Text } from '@mantine/core';
import { IconDots, IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done, renewing, type Schemas } from '../../api/client';
import { ownKeyQuery, usePages, usersQuery, type Asked } from '../../api/lists';
import { sessionQuery, signIn, useSession } from '../../api/session';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { More } from '../../components/More';
import { secrets } from '../../components/secrets';
import { Copyable, Snippet, Time } from '../../components/Text';
import { useSaving } from '../../components/useSaving';

type Key = Schemas['AccessKeyView'];
const ends = [{ value: '0', label: 'Never' }, { value: '3600', label: 'In an hour' }, { value: '86400', label: 'In a day' }, { value: '2592000', label: 'In 30 days' }, { value: '31536000', label: 'In a year' }];

/** Whether the session's own key has a policy: such a key makes and changes no keys and no tokens. Undefined until that is known. */
export function useIsLimited(): boolean | undefined {
  const session = useSession();
  const own = useQuery(ownKeyQuery(session.accessKey));
  return own.data === undefined ? undefined : Boolean(own.data?.policy);
}

/** Access keys of an organization or, with `user`, of one user: null is the root user. */
export function Keys({ organization, user, mayChange = true }: { organization: string; user?: string | null; mayChange?: boolean }) {
  const session = useSession();
  const queries = useQueryClient();
  const key = ['keys', organization, user ?? null];
  const list = usePages(key, (query: Asked) => call(api.GET('/api/keys', { params: { query: { organization, ...query, ...(user ? { user } : {}) } } })), ['keys']);
  const users = useQuery({ ...usersQuery(organization), enabled: session.isRoot && user === undefined });
  const [isNew, setNew] = useState(false);
  const [who, setWho] = useState<string | null>(null);
  const [policy, setPolicy] = useState<string | null>(session.isRoot ? 'all' : 'read-only');
  const [buckets, setBuckets] = useState<string[]>([]);
  const [end, setEnd] = useState<string | null>('0');
  const [asked, setAsked] = useState<{ key: Key; what: 'rotate' | 'delete' } | null>(null);
  const [shown, setShown] = useState<Key | null>(null);
  const remove = useSaving((id: string) => done(api.DELETE('/api/keys/{id}', { params: { path: { id } } })), [key], 'The key was revoked.');
  const tell = (made: Key) => secrets.show({ title: 'Access key', items: [['Access key', made.accessKey], ['Secret key', made.secretKey ?? '']] });
  async function rotate(one: Key) {
    const ask = () => call(api.POST('/api/keys/{id}/rotate', { params: { path: { id: one.accessKey } }, body: {} as never }));
    if (one.accessKey !== session.accessKey) return tell(await ask());
    // The session ends with the secret that began it: another one is begun with the new secret, which is shown whatever comes of that.
    await renewing(async () => {
      const made = await ask();
      tell(made);
      queries.setQueryData(sessionQuery.queryKey, await signIn({ accessKey: made.accessKey, secretKey: made.secretKey ?? '' }).catch(() => null));
    });
    await queries.invalidateQueries({ queryKey: key });
  }
  const add = mayChange && <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>New key</Button>;
  return (
    <Section title="Access keys" about="An access key signs requests to S3 and to the control API. Give each program its own." actions={(list.data?.keys.length ?? 0) > 0 && add}>
      <Loaded query={list}>
        {({ keys: all }) => {
          const keys = user === null ? all.filter((one) => !one.user && !one.disk) : all;
          return keys.length === 0 && !list.hasNextPage ? <Empty icon={<IconKey size={32} stroke={1.3} />} title="No keys yet" action={add}>A key with a policy may do only what the policy says, whoever has it.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Access key</Table.Th>{user === undefined && <Table.Th>User</Table.Th>}<Table.Th>May</Table.Th><Table.Th>Last used</Table.Th><Table.Th>Ends</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {keys.map((one) => (
                    <Table.Tr key={one.accessKey}>
                      <Table.Td><Group gap={4} wrap="nowrap"><Copyable value={one.accessKey} />{one.accessKey === session.accessKey && <Badge size="sm" variant="light">this session</Badge>}</Group></Table.Td>
                      {user === undefined && <Table.Td>{one.disk ? <Badge variant="light" color="gray" tt="none">disk</Badge> : (one.user ?? 'root user')}</Table.Td>}
                      <Table.Td>{one.disk ? 'read one disk' : one.policy ? <Button size="compact-xs" variant="default" onClick={() => setShown(one)}>{one.policyId ?? 'policy'}</Button> : 'all of its user'}</Table.Td>
                      <Table.Td className="nowrap"><span title={one.lastUsedFrom ? `from ${one.lastUsedFrom}` : undefined}><Time at={one.lastUsed} /></span></Table.Td>
                      <Table.Td className="nowrap">{one.expires ? <Time at={one.expires} /> : <Text span inherit c="dimmed">never</Text>}</Table.Td>
                      <Table.Td align="right">
                        {mayChange && (
                          <Menu position="bottom-end">
                            <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${one.accessKey}`}><IconDots size={16} /></ActionIcon></Menu.Target>
                            <Menu.Dropdown>
                              <Menu.Item onClick={() => setAsked({ key: one, what: 'rotate' })}>New secret…</Menu.Item>
                              <Menu.Item color="red" onClick={() => setAsked({ key: one, what: 'delete' })}>Revoke…</Menu.Item>
                            </Menu.Dropdown>
                          </Menu>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <More list={list} />
            </div>
          );
        }}
      </Loaded>
      <FormModal
        opened={isNew} onClose={() => setNew(false)} title="New key" action="Create"
        onSubmit={() => call(api.POST('/api/keys', {
          body: { organization, ...((user ?? who) ? { user: user ?? who } : {}), ...(policy !== 'all' ? { policy, ...(buckets.length ? { buckets } : {}) } : {}), ...(end !== '0' ? { durationSeconds: Number(end) } : {}) } as never,
        }))}
        onDone={(made) => {
          void queries.invalidateQueries({ queryKey: ['keys'] });
          tell(made);
        }}
      >
        {user === undefined && <Select label="Of" data={[{ value: '', label: 'The root user' }, ...(users.data?.users.map((u) => ({ value: u.name, label: u.name })) ?? [])]} value={who ?? ''} onChange={(value) => setWho(value || null)} searchable limit={200} allowDeselect={false} />}
        <Select
          label="It may" value={policy} onChange={setPolicy} allowDeselect={false}
          data={[...(session.isRoot ? [{ value: 'all', label: 'All that its user may' }] : []), { value: 'read-only', label: 'Read only' }, { value: 'read-write', label: 'Read and write' }, { value: 'write-only', label: 'Write only' }]}
        />
        {policy !== 'all' && <TagsInput label="In these buckets" description="None: all of its user. Enter after each." value={buckets} onChange={setBuckets} />}
        <Select label="Ends" data={ends} value={end} onChange={setEnd} allowDeselect={false} />
      </FormModal>
      {asked && (
        <Confirm
          opened onClose={() => setAsked(null)} title={asked.what === 'rotate' ? 'Give it a new secret?' : 'Revoke the key?'} action={asked.what === 'rotate' ? 'New secret' : 'Revoke'}
          onConfirm={async () => {
            if (asked.what === 'delete') await remove.mutateAsync(asked.key.accessKey);
            else await rotate(asked.key);
          }}
        >
          {asked.what === 'rotate' ? 'Programs that use the old secret are refused from their next request on.' : 'Programs that use this key are refused from their next request on. That cannot be taken back.'}
          {asked.key.accessKey === session.accessKey && <Text size="sm" mt="xs" fw={600}>{asked.what === 'rotate' ? 'You are signed in with it: the console goes on with the new secret, and your other sessions end.' : 'You are signed in with it: this session ends.'}</Text>}
        </Confirm>
      )}
      <Modal opened={shown !== null} onClose={() => setShown(null)} title="What the key may do" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>{shown && <Snippet text={JSON.stringify(shown.policy, null, 2)} label="policy" />}</Modal>
    </Section>
  );
}
