import { Anchor, Badge, Button, Group, Select, Switch, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconActivity } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { usePages, type Asked } from '../api/lists';
import { bytes, count, milliseconds, visible } from '../app/format';
import { isNotFound } from '../app/queries';
import { Explanation } from '../components/Explanation';
import { Empty, Facts, Loaded, PageHead, Section } from '../components/Layout';
import { More } from '../components/More';
import { Bytes, Copyable, Time } from '../components/Text';
import { objectLink } from './files/place';

type Request = Schemas['RequestView'];

/** The last requests, as they end. */
export function Requests() {
  const search = useSearch({ from: '/app/activity/requests' });
  const navigate = useNavigate({ from: '/activity/requests' });
  const [isLive, setLive] = useState(true);
  const [bucket, setBucket] = useState(search.bucket ?? '');
  const [operation, setOperation] = useState(search.operation ?? '');
  const change = (next: Partial<typeof search>) => void navigate({ search: { ...search, ...next }, replace: true });
  // Always with both: of two within the time, the first is not done.
  const soon = useDebouncedCallback(change, 300);
  const filters = { ...(search.bucket ? { bucket: search.bucket } : {}), ...(search.operation ? { operation: search.operation } : {}), ...(search.status ? { status: search.status } : {}) };
  const list = usePages(['requests', filters], (query: Asked) => call(api.GET('/api/requests', { params: { query: { ...query, ...filters } } })), ['requests'], { limit: 200, ...(isLive ? { refetchInterval: 2000 } : {}) });
  return (
    <>
      <PageHead title="Recent requests" trail={[<Anchor key="a" component={Link} to="/activity">Activity</Anchor>]} about={list.data ? `The server remembers the last ${count(list.data.capacity)} of everybody.` : undefined} />
      <Group mb="sm" align="flex-end">
        <TextInput label="Bucket" size="xs" value={bucket} onChange={(e) => { setBucket(e.currentTarget.value); soon({ bucket: e.currentTarget.value || undefined, operation: operation || undefined }); }} spellCheck={false} data-page-search />
        <TextInput label="Operation" size="xs" placeholder="GetObject,PutObject" value={operation} onChange={(e) => { setOperation(e.currentTarget.value); soon({ bucket: bucket || undefined, operation: e.currentTarget.value || undefined }); }} spellCheck={false} />
        <Select label="Status" size="xs" w={150} data={[{ value: '', label: 'All' }, { value: 'error', label: 'Refused or failed' }, { value: '403', label: '403 denied' }, { value: '404', label: '404 not found' }, { value: '5xx', label: '5xx failed' }]} value={search.status ?? ''} onChange={(value) => change({ status: value || undefined })} allowDeselect={false} />
        <Switch label="Live" checked={isLive} onChange={(e) => setLive(e.currentTarget.checked)} mb={6} />
      </Group>
      <Loaded query={list} title="The requests could not be read">
        {({ requests }) => (requests.length === 0 ? <Empty icon={<IconActivity size={32} stroke={1.3} />} title="No requests">{Object.keys(filters).length > 0 ? 'None of those remembered fit.' : 'They appear here as they end.'}</Empty> : <><RequestTable requests={requests} /><More list={list} /></>)}
      </Loaded>
    </>
  );
}

const StatusBadge = ({ status }: { status: number }) => <Badge variant="light" color={status >= 500 ? 'red' : status >= 400 ? 'orange' : 'teal'}>{status}</Badge>;

export function RequestTable({ requests }: { requests: Request[] }) {
  return (
    <div className="table-scroll">
      <Table>
        <Table.Thead><Table.Tr><Table.Th>Time</Table.Th><Table.Th>Operation</Table.Th><Table.Th>Status</Table.Th><Table.Th>Of</Table.Th><Table.Th className="num">Took</Table.Th><Table.Th className="num">Bytes</Table.Th><Table.Th>Who</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {requests.map((request, i) => (
            <Table.Tr key={request.requestId ?? i}>
              <Table.Td className="nowrap"><Time at={request.time} /></Table.Td>
              <Table.Td className="nowrap">{request.requestId ? <Anchor component={Link} to="/activity/requests/$id" params={{ id: request.requestId } as never} size="sm">{request.operation ?? request.method}</Anchor> : (request.operation ?? request.method)}</Table.Td>
              <Table.Td className="nowrap"><StatusBadge status={request.status} /> {request.error && <Text span size="xs" c="dimmed">{request.error}</Text>}</Table.Td>
              <Table.Td maw={280}><Text size="sm" truncate title={visible(`${request.bucket ?? ''}/${request.key ?? ''}`)}>{request.bucket ?? ''}{request.key ? `/${visible(request.key)}` : ''}</Text></Table.Td>
              <Table.Td className="num">{milliseconds(request.milliseconds)}</Table.Td>
              <Table.Td className="num">{bytes(request.bytesIn + request.bytesOut)}</Table.Td>
              <Table.Td maw={200}><Text size="sm" truncate title={request.requester ?? undefined}>{shortName(request.requester)}</Text></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

const shortName = (arn: string | null | undefined) => (arn ? arn.replace(/^arn:aws:iam::/, '') : 'anonymous');

/** Where the time of a request went, and why it was denied. */
export function RequestPage() {
  const { id } = useParams({ from: '/app/activity/requests/$id' });
  const query = useQuery({ queryKey: ['request', id], queryFn: () => call(api.GET('/api/requests/{id}', { params: { path: { id } } })), retry: false });
  const trail = [<Anchor key="a" component={Link} to="/activity">Activity</Anchor>, <Anchor key="r" component={Link} to="/activity/requests">Recent requests</Anchor>];
  if (isNotFound(query.error))
    return (
      <>
        <PageHead title={`Request ${id}`} trail={trail} />
        <Empty title="The server does not remember this request" action={<Button variant="default" component={Link} to="/activity/requests">Recent requests</Button>}>It was too long ago, before the last start, or is one that you may not see. The access log has it if logging is on.</Empty>
      </>
    );
  return (
    <>
      <PageHead title={query.data ? `${query.data.operation ?? query.data.method} ${query.data.status}` : 'Request'} trail={trail} />
      <Loaded query={query}>
        {(data) => (
          <>
            {data.denial && <Section title="Why it was denied"><Explanation data={data.denial} /></Section>}
            <Section title="Request">
              <Facts
                items={[
                  ['Status', <span key="s"><StatusBadge status={data.status} /> {data.error}</span>], ['Ended', <Time key="t" at={data.time} />], ['Took', milliseconds(data.milliseconds)],
                  ...(data.firstByteMilliseconds !== null && data.firstByteMilliseconds !== undefined ? [['First byte after', milliseconds(data.firstByteMilliseconds)] as [string, string]] : []),
                  ...(data.bucket ? [['Bucket', <Link key="b" to="/buckets/$bucket" params={{ bucket: data.bucket } as never}>{data.bucket}</Link>] as [string, React.ReactNode]] : []),
                  ...(data.bucket && data.key ? [['Key', <Link key="k" {...objectLink({ kind: data.bucket.startsWith('dsk-') ? 'disk' : 'bucket', bucket: data.bucket }, data.key)}>{visible(data.key)}</Link>] as [string, React.ReactNode]] : []),
                  ['Who', data.requester ?? 'anonymous'], ['From', data.remote ?? 'not known'], ['Received', <Bytes key="i" value={data.bytesIn} />], ['Sent', <Bytes key="o" value={data.bytesOut} />], ['Request id', <Copyable key="d" value={data.requestId} />],
                ]}
              />
            </Section>
            <Section title="Where the time went"><Stages stages={data.stages} total={data.milliseconds} /></Section>
          </>
        )}
      </Loaded>
    </>
  );
}

function Stages({ stages, total }: { stages: Schemas['StageView'][]; total: number }) {
  if (stages.length === 0) return <Text size="sm" c="dimmed">Its stages were not measured.</Text>;
  return (
    <div role="list">
      {stages.map((stage) => (
        <div className="stage" key={stage.stage} role="listitem">
          <span>{stage.stage}{stage.calls && stage.calls > 1 ? ` ×${stage.calls}` : ''}</span>
          <span className="stage-bar" style={{ width: `${Math.min(100, total > 0 ? (stage.milliseconds / total) * 100 : 0)}%` }} aria-hidden />
          <span className="num">{milliseconds(stage.milliseconds)}</span>
        </div>
      ))}
    </div>
  );
}
