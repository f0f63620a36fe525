import { Alert, Button, Group, Radio, SegmentedControl, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../../api/client';
import { bytes, count, dateTime, short } from '../../app/format';
import { Chart } from '../../components/Chart';
import { Confirm } from '../../components/Confirm';
import { Facts, Loaded, Section } from '../../components/Layout';
import { Bytes, Time } from '../../components/Text';
import { s3 } from '../../s3/client';
import { stayText, type Versioning } from '../../s3/settings';
import { startJob } from '../files/changes';

/** More than a range has. */
const mostSamples = 1000;
const ranges: Record<string, { step: 'hour' | 'day'; hours: number; label: string }> = { day: { step: 'hour', hours: 24, label: '24 hours' }, week: { step: 'hour', hours: 168, label: '7 days' }, year: { step: 'day', hours: 8760, label: 'A year' } };

export default function Overview({ bucket }: { bucket: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [range, setRange] = useState('week');
  const [asked, setAsked] = useState<'empty' | 'delete' | null>(null);
  const [versions, setVersions] = useState('all');
  const facts = useQuery({ queryKey: ['bucket', bucket], queryFn: () => call(api.GET('/api/buckets/{bucket}', { params: { path: { bucket } } })), refetchInterval: 15_000 });
  const { step, hours } = ranges[range]!;
  const samples = useQuery({
    queryKey: ['bucket', bucket, 'samples', range],
    queryFn: () => call(api.GET('/api/buckets/{bucket}/samples', { params: { path: { bucket }, query: { step, limit: mostSamples, from: new Date(Date.now() - hours * 3_600_000).toISOString() } } })),
    refetchInterval: 60_000,
  });
  const hasMore = facts.data ? facts.data.objects + facts.data.noncurrentVersions + facts.data.deleteMarkers > 0 : false;
  const keepsVersions = facts.data ? facts.data.versioning !== 'never' : false;
  const timeFormat = (iso: string) => new Intl.DateTimeFormat('en-GB', step === 'hour' && hours <= 24 ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' }).format(new Date(iso));
  return (
    <>
      <Section title="What it holds">
        <Loaded query={facts}>
          {(data) => (
            <>
              {!data.isExact && <Alert color="yellow" variant="light" mb="sm">The server is still counting. These numbers become exact within minutes.</Alert>}
              <Facts
                items={[
                  ['Objects', count(data.objects)], ['Size', <Bytes key="b" value={data.bytes} />],
                  ...(keepsVersions ? ([['Old versions', <span key="v">{count(data.noncurrentVersions)}, <Bytes value={data.noncurrentBytes} /></span>], ['Delete markers', count(data.deleteMarkers)]] as [string, React.ReactNode][]) : []),
                  ['Unfinished uploads', <span key="u">{count(data.uploads)}{data.uploads > 0 && <>, <Bytes value={data.uploadBytes} /></>}</span>],
                  ['Owner', data.ownerName], ['Created', <Time key="t" at={data.createdAt} />],
                ]}
              />
            </>
          )}
        </Loaded>
      </Section>
      <Section title="Over time" actions={<SegmentedControl size="xs" value={range} onChange={setRange} data={Object.entries(ranges).map(([value, { label }]) => ({ value, label }))} aria-label="Time shown" />}>
        <Loaded query={samples} title="The history could not be read">
          {(data) => {
            const list = data.samples;
            if (list.length < 2) return <Text size="sm" c="dimmed">The server notes what a bucket holds every hour. Come back in a while.</Text>;
            const times = list.map((sample) => sample.time);
            return (
              <Stack gap="lg">
                <Chart isBinary label={`Size of ${bucket}`} times={times} format={bytes} timeFormat={timeFormat} series={[{ name: 'Size', color: 'var(--mantine-color-tarn-6)', values: list.map((s) => s.bytes + s.noncurrentBytes) }]} />
                <Chart label={`Objects in ${bucket}`} times={times} format={short} timeFormat={timeFormat} height={130} series={[{ name: 'Objects', color: 'var(--mantine-color-indigo-5)', values: list.map((s) => s.objects) }]} />
                <Chart label={`Requests to ${bucket}`} times={times} format={short} timeFormat={timeFormat} height={130} series={[{ name: 'Requests', color: 'var(--mantine-color-grape-5)', values: list.map((s) => s.requests) }, { name: 'Errors', color: 'var(--mantine-color-red-6)', values: list.map((s) => s.errors) }]} />
                <Text size="xs" c="dimmed">From {dateTime(times[0]!)} to {dateTime(times[times.length - 1]!)}.</Text>
              </Stack>
            );
          }}
        </Loaded>
      </Section>
      <Section title="Remove" about="A bucket must be empty before it can be deleted.">
        <Group>
          <Button variant="light" color="red" onClick={() => setAsked('empty')} disabled={!hasMore}>Empty it</Button>
          <Button variant="light" color="red" onClick={() => setAsked('delete')} disabled={hasMore || facts.isPending}>Delete the bucket</Button>
        </Group>
      </Section>
      <Confirm
        opened={asked === 'empty'} onClose={() => setAsked(null)} title={`Empty ${bucket}?`} action="Empty it" type={bucket}
        onConfirm={async () => {
          const job = await startJob({ kind: 'empty', bucket, ...(keepsVersions ? { versions } : {}) });
          await navigate({ to: '/jobs/$id', params: { id: job.id } });
        }}
      >
        <Stack gap="sm">
          <span>All {facts.data ? count(facts.data.objects) : ''} objects are deleted by a job of the server.</span>
          {keepsVersions && <Radio.Group value={versions} onChange={setVersions}><Stack gap={6}><Radio value="all" label="Delete all versions permanently" /><Radio value="markers" label={`Hide them behind delete markers; ${stayText(facts.data!.versioning as Versioning)}`} /></Stack></Radio.Group>}
        </Stack>
      </Confirm>
      <Confirm
        opened={asked === 'delete'} onClose={() => setAsked(null)} title={`Delete ${bucket}?`} action="Delete" type={bucket}
        onConfirm={async () => {
          await s3({ method: 'DELETE', bucket });
          notifications.show({ message: `${bucket} was deleted.` });
          await queries.invalidateQueries({ queryKey: ['buckets'] });
          await navigate({ to: '/buckets', search: { new: undefined, find: undefined } });
        }}
      >
        Its settings and unfinished uploads are deleted too. Somebody else may then take the name.
      </Confirm>
    </>
  );
}
