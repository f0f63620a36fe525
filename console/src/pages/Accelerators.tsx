import { Badge, Button, Group, Progress, Select, Table, TagsInput, Text, TextInput, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBolt, IconEraser, IconPlus, IconTicket } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../api/client';
import { bucketNamesQuery } from '../api/lists';
import { clearState, hitRatio, percent, sources } from '../app/accelerators';
import { bytes, count, many } from '../app/format';
import { Confirm } from '../components/Confirm';
import { FormModal } from '../components/FormModal';
import { Empty, Facts, Loaded, PageHead, Section } from '../components/Layout';
import { secrets } from '../components/secrets';
import { Bytes, Time } from '../components/Text';
import { useSaving } from '../components/useSaving';

type Accelerator = Schemas['AcceleratorView'];

/** The accelerators that are there, their tokens, and clearing what they have cached. */
export function Accelerators() {
  const list = useQuery({ queryKey: ['accelerators'], queryFn: () => call(api.GET('/api/accelerators', {})), refetchInterval: 5000 });
  const [isClearing, setClearing] = useState(false);
  const nodes = list.data?.accelerators ?? [];
  const sums = list.data?.hitBytes ?? [];
  return (
    <>
      <PageHead
        title="Accelerators" about="Caches on other machines that clients use as their endpoint. The server decides every request."
        actions={nodes.length > 0 && <Button size="sm" variant="default" leftSection={<IconEraser size={16} />} onClick={() => setClearing(true)}>Clear caches…</Button>}
      />
      <Section title="Running" about="What each has done since its start, as it said at its last heartbeat.">
        <Loaded query={list} rows={2}>
          {({ accelerators }) =>
            accelerators.length === 0 ? <Empty icon={<IconBolt size={32} stroke={1.3} />} title="No accelerators are running">The server listens for them with <code>--accelerators</code>. Create a token, and start <code>tarn accelerate</code> with it.</Empty> : <Running accelerators={accelerators} />
          }
        </Loaded>
      </Section>
      {(nodes.length > 0 || sums.length > 0) && <Organizations sums={sums} />}
      <Clears />
      <Tokens />
      {isClearing && <Clear names={[...new Set(nodes.map((node) => node.name))].sort()} onClose={() => setClearing(false)} />}
    </>
  );
}

function Running({ accelerators }: { accelerators: Accelerator[] }) {
  const sent = sources(...accelerators);
  return (
    <>
      <Facts items={[['Accelerators', count(accelerators.length)], ['Zones', count(new Set(accelerators.map((one) => one.zone)).size)], ['Hits', percent(hitRatio(...accelerators))], ['Sent from caches', bytes(sent.cache)], ['From other accelerators', bytes(sent.peers)], ['From the server', bytes(sent.server)]]} />
      <div className="table-scroll" style={{ marginTop: 16 }} tabIndex={0} role="group" aria-label="What each has done">
        <Table>
          <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Zone</Table.Th><Table.Th>Last heartbeat</Table.Th><Table.Th>Cache</Table.Th><Table.Th ta="right">Hits</Table.Th><Table.Th ta="right">From its cache</Table.Th><Table.Th ta="right">From others</Table.Th><Table.Th ta="right">From the server</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {accelerators.map((one) => (
              <Table.Tr key={one.instance}>
                <Table.Td><Text size="sm" fw={500}>{one.name}</Text><Text size="xs" c="dimmed" className="nowrap"><span title={one.version}>{[one.address, one.version.split('+')[0]].filter(Boolean).join(' · ')}</span></Text><Trouble of={one} /></Table.Td>
                <Table.Td className="nowrap">{one.zone}{!one.peer && <Text size="xs" c="dimmed" className="nowrap">shares nothing</Text>}</Table.Td>
                <Table.Td className="nowrap"><Time at={one.lastSeen} /><Text size="xs" c="dimmed">since <Time at={one.since} /></Text></Table.Td>
                <Table.Td miw={150}><Room of={one} /></Table.Td>
                <Table.Td ta="right"><Tooltip label={`${many(one.hits, 'hit')}, ${count(one.partials)} in part, ${many(one.misses, 'miss', 'misses')}, ${count(one.bypasses)} passed on`}><span>{percent(hitRatio(one))}</span></Tooltip></Table.Td>
                <Table.Td ta="right" className="nowrap"><Bytes value={one.bytesFromCache} /></Table.Td><Table.Td ta="right" className="nowrap"><Bytes value={one.bytesFromPeers} /></Table.Td><Table.Td ta="right" className="nowrap"><Bytes value={one.bytesFromUpstream} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function Room({ of }: { of: Accelerator }) {
  return (
    <>
      <Text size="xs" className="nowrap">{bytes(of.cacheBytes)} of {bytes(of.cacheCapacity)}</Text>
      <Progress value={of.cacheCapacity > 0 ? (of.cacheBytes / of.cacheCapacity) * 100 : 0} aria-label={`Cache of ${of.name}`} mt={4} />
      {of.prestageQueue > 0 && <Text size="xs" c="dimmed" mt={2} className="nowrap">{many(of.prestageQueue, 'object waits', 'objects wait')} to be staged</Text>}
    </>
  );
}

/** What an operator should look at. */
function Trouble({ of }: { of: Accelerator }) {
  if (of.cacheErrors === 0 && of.damagedBlocks === 0) return null;
  return (
    <Group gap={4} mt={2}>
      {of.cacheErrors > 0 && <Badge size="sm" variant="light" color="red">{many(of.cacheErrors, 'device error')}</Badge>}
      {of.damagedBlocks > 0 && <Badge size="sm" variant="light" color="orange">{many(of.damagedBlocks, 'damaged block')}</Badge>}
    </Group>
  );
}

/** As many organizations as one looks at. */
const few = 10;

/** What all accelerators together sent from caches, by whose data it was. */
function Organizations({ sums }: { sums: Schemas['OrganizationHitsView'][] }) {
  const [isAll, setAll] = useState(false);
  return (
    <Section title="Sent from caches by organization" about="What clients got and the server did not have to send, since its start, by the organization whose buckets it is of.">
      {sums.length === 0 ? <Text size="sm" c="dimmed">Nothing yet.</Text> : (
        <div className="table-scroll" tabIndex={0} role="group" aria-label="Sent from caches by organization">
          <Table maw={480}>
            <Table.Thead><Table.Tr><Table.Th>Organization</Table.Th><Table.Th ta="right">Sent</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {(isAll ? sums : sums.slice(0, few)).map((sum) => (
                <Table.Tr key={sum.organization ?? ''}>
                  <Table.Td className="break">{sum.organization ?? <Text span inherit c="dimmed">others</Text>}</Table.Td><Table.Td ta="right" className="nowrap"><Bytes value={sum.bytes} /></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {!isAll && sums.length > few && <Button mt="sm" size="xs" variant="default" onClick={() => setAll(true)}>Show all {count(sums.length)}</Button>}
    </Section>
  );
}

const clearsKey = ['accelerators', 'clears'];

/** What accelerators are told to remove, and who has not done it. */
function Clears() {
  const list = useQuery({
    queryKey: clearsKey, queryFn: () => call(api.GET('/api/accelerators/clears', {})),
    // They do it within seconds, and nothing else changes here by itself.
    refetchInterval: ({ state }) => (state.data?.clears.some((clear) => clear.waiting.length > 0) ? 5000 : false),
  });
  return (
    <Section title="Clears" about="What accelerators were told to remove from their caches. One that is away is told when it comes back, for a week.">
      <Loaded query={list} rows={1}>
        {({ clears }) =>
          clears.length === 0 ? <Text size="sm" c="dimmed">None within a week.</Text> : (
            <div className="table-scroll" tabIndex={0} role="group" aria-label="Clears">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Bucket</Table.Th><Table.Th>On</Table.Th><Table.Th>State</Table.Th><Table.Th>Asked for</Table.Th><Table.Th>By</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {[...clears].reverse().map((clear) => (
                    <Table.Tr key={clear.id}>
                      <Table.Td className="break">{clear.bucket ?? (clear.bucketId == null ? 'all' : `the one with id ${clear.bucketId}`)}</Table.Td><Table.Td className="nowrap">{clear.name ?? 'all'}</Table.Td>
                      <Table.Td miw={160}>{clearState(clear)}</Table.Td><Table.Td className="nowrap"><Time at={clear.createdAt} /></Table.Td><Table.Td className="break">{clear.createdBy}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

function Clear({ names, onClose }: { names: string[]; onClose: () => void }) {
  const queries = useQueryClient();
  const buckets = useQuery(bucketNamesQuery);
  const [bucket, setBucket] = useState<string | null>(null);
  const [name, setName] = useState<string | null>(null);
  return (
    <FormModal
      opened onClose={onClose} title="Clear caches" action="Clear"
      onSubmit={() => call(api.POST('/api/accelerators/clears', { body: { bucket, name } }))}
      onDone={({ accelerators }) => {
        void queries.invalidateQueries({ queryKey: clearsKey });
        notifications.show({ message: accelerators === 0 ? 'No accelerator is there to be told.' : `${many(accelerators, 'accelerator')} will do so within seconds.` });
      }}
    >
      <Text size="sm">What is cached is removed, and read from the server again when it is asked for. Nothing cached is ever out of date: this is for data that should be nowhere any more, or after a token was revoked.</Text>
      <Select label="Of the bucket" placeholder="All buckets" data={buckets.data?.buckets.map((one) => one.name) ?? []} value={bucket} onChange={setBucket} searchable clearable limit={200} />
      <Select label="On the accelerator" placeholder="All accelerators" data={names} value={name} onChange={setName} searchable clearable limit={200} />
    </FormModal>
  );
}

const tokensKey = ['accelerators', 'tokens'];

function Tokens() {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: tokensKey, queryFn: () => call(api.GET('/api/accelerators/tokens', {})) });
  const [isNew, setNew] = useState(false);
  const [asked, setAsked] = useState<Schemas['AcceleratorTokenView'] | null>(null);
  const revoke = useSaving((id: string) => done(api.DELETE('/api/accelerators/tokens/{id}', { params: { path: { id } } })), [['accelerators']], 'The token was revoked.');
  const add = <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>New token</Button>;
  return (
    <Section title="Tokens" about="What accelerators prove with that they may speak for clients. They are no keys: nothing can be signed with them." actions={(list.data?.tokens.length ?? 0) > 0 && add}>
      <Loaded query={list} rows={2}>
        {({ tokens }) =>
          tokens.length === 0 ? <Empty icon={<IconTicket size={32} stroke={1.3} />} title="No tokens yet" action={add}>One for each machine can be revoked for that machine alone.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Zone</Table.Th><Table.Th>Clients</Table.Th><Table.Th>Organizations</Table.Th><Table.Th>Domains</Table.Th><Table.Th>Ends with</Table.Th><Table.Th>Created</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {tokens.map((token) => (
                    <Table.Tr key={token.id}>
                      <Table.Td fw={500}>{token.name}</Table.Td><Table.Td className="nowrap">{token.zone}</Table.Td><Table.Td>{token.networks?.join(', ') ?? 'all'}</Table.Td><Table.Td>{token.organizations?.join(', ') ?? 'all'}</Table.Td><Table.Td>{token.domains?.join(', ') ?? 'any'}</Table.Td>
                      <Table.Td ff="monospace">…{token.tokenSuffix}</Table.Td><Table.Td className="nowrap"><Time at={token.createdAt} /></Table.Td>
                      <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" aria-label={`Revoke ${token.name}`} onClick={() => setAsked(token)}>Revoke</Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )
        }
      </Loaded>
      {isNew && <NewToken onClose={() => setNew(false)} onMade={(text) => { void queries.invalidateQueries({ queryKey: tokensKey }); secrets.show({ title: 'Token of an accelerator', items: [['Token', text]] }); }} />}
      <Confirm opened={asked !== null} onClose={() => setAsked(null)} title="Revoke the token?" action="Revoke" onConfirm={() => revoke.mutateAsync(asked!.id)}>
        Accelerators with {asked?.name} are refused from their next request on, and their clients get errors. If the machine is in wrong hands, clear the caches of its zone as well.
      </Confirm>
    </Section>
  );
}

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: (text: string) => void }) {
  const [name, setName] = useState('');
  const [zone, setZone] = useState('');
  const [networks, setNetworks] = useState<string[]>([]);
  const [organizations, setOrganizations] = useState<string[]>([]);
  const [domains, setDomains] = useState<string[]>([]);
  const needsZone = organizations.length > 0 && zone === '';
  return (
    <FormModal
      opened onClose={onClose} title="New token" action="Create" isValid={name !== '' && !needsZone}
      onSubmit={() => call(api.POST('/api/accelerators/tokens', { body: { name, zone: zone || null, networks: networks.length > 0 ? networks : null, organizations: organizations.length > 0 ? organizations : null, domains: domains.length > 0 ? domains : null } }))}
      onDone={(token) => onMade(token.token ?? '')}
    >
      <TextInput label="Name" description="Such as that of the machine." value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
      <TextInput label="Zone" description="Its accelerators may read what others of the zone have cached." placeholder="default" value={zone} onChange={(e) => setZone(e.currentTarget.value)} error={needsZone && 'A token of some organizations needs a zone of its own.'} autoComplete="off" spellCheck={false} />
      <TagsInput label="Networks of clients" description="Like 192.0.2.0/24. None: all. Enter after each." value={networks} onChange={setNetworks} />
      <TagsInput label="Organizations" description="For which it may speak. None: all, and anonymous requests. Enter after each." value={organizations} onChange={setOrganizations} />
      <TagsInput label="Domains" description="Under which its clients may name buckets, like s3.example.com. None: any. Enter after each." value={domains} onChange={setDomains} />
    </FormModal>
  );
}
