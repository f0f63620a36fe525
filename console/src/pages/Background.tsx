import { Alert, Anchor, Badge, Button, Group, Progress, SimpleGrid, Table, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../api/client';
import { usePages, type Asked } from '../api/lists';
import { bytes, count, duration, many, visible } from '../app/format';
import { isNotFound } from '../app/queries';
import { Confirm } from '../components/Confirm';
import { Empty, Facts, Loaded, PageHead, Section } from '../components/Layout';
import { More } from '../components/More';
import { Problem } from '../components/Problem';
import { Bytes, Time } from '../components/Text';
import { useSaving } from '../components/useSaving';
import { objectLink } from './files/place';

const trail = [<Anchor key="a" component={Link} to="/activity">Activity</Anchor>];

/** What the server does by itself, and how it is. */
export function Background() {
  const status = useQuery({ queryKey: ['status'], queryFn: () => call(api.GET('/api/status', {})), refetchInterval: 5000 });
  return (
    <>
      <PageHead title="Background work" trail={trail} />
      <Loaded query={status}>
        {(data) => (
          <>
            {data.metadataFailed && <Alert color="red" title="The metadata accepts no writes" mb="md">A write to the metadata failed. Look at the log, mend the cause, and restart the server.</Alert>}
            {data.usesDevKey && <Alert color="yellow" variant="light" mb="md">The server was started for development, with a master key that is no secret.</Alert>}
            {data.damaged > 0 && <Alert color="red" variant="light" mb="md"><Group justify="space-between">{many(data.damaged, 'object has', 'objects have')} damaged data.<Button size="compact-sm" variant="default" component={Link} to="/activity/damaged">Look at them</Button></Group></Alert>}
            <Section title="Server">
              <Facts
                items={[
                  ['Version', data.version], ['Running for', duration(data.uptimeSeconds)], ['Region', data.region], ['S3', data.s3], ['Control', data.control], ['S3 connections', `${count(data.s3Load.connections)} of ${count(data.s3Load.maxConnections)}`],
                  ['S3 requests at work', count(data.s3Load.requests)], ...(data.held ? [['Holds', `${many(data.held.objects, 'object')} in ${many(data.held.buckets, 'bucket')}, ${bytes(data.held.bytes + data.held.noncurrentBytes)}`] as [string, string]] : []),
                ]}
              />
            </Section>
            <Section title="Room">
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                {data.stores.map((store) => {
                  const used = store.totalBytes > 0 ? ((store.totalBytes - store.freeBytes) / store.totalBytes) * 100 : 0;
                  return (
                    <div key={store.store}>
                      <Group justify="space-between"><Text size="sm" fw={500}>{store.store}</Text><Text size="xs" c="dimmed">{bytes(store.freeBytes)} free of {bytes(store.totalBytes)}</Text></Group>
                      <Progress value={used} color={used > 90 ? 'red' : used > 80 ? 'orange' : 'tarn'} aria-label={`Room of ${store.store}`} my={4} />
                      <Text size="xs" c="dimmed" className="break">{store.path}</Text>
                      {store.error && <Text size="xs" c="red">{store.error}</Text>}
                    </div>
                  );
                })}
              </SimpleGrid>
            </Section>
            <Scrub scrub={data.scrub} />
            <Section title="Removal">
              <Facts items={[['Waiting to be deleted', many(data.reclaimBacklog, 'blob')], ['Lifecycle looked at', count(data.lifecycle.examined)], ['Expired', count(data.lifecycle.expired)], ['Old versions removed', count(data.lifecycle.versionsDeleted)], ['Delete markers removed', count(data.lifecycle.markersRemoved)], ['Uploads ended', count(data.lifecycle.uploadsAborted)]]} />
            </Section>
            <Backup status={data.backup} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Scrub({ scrub }: { scrub: Schemas['ScrubView'] }) {
  const act = useSaving((what: 'start' | 'pause' | 'resume') => done(api.POST(`/api/scrub/${what}`, {})), [['status']], 'Done.');
  const pass = scrub.current ?? scrub.last;
  return (
    <Section
      title="Scrub" about="Reads everything that is stored, and finds what is damaged before you do."
      actions={
        <>
          {scrub.state === 'waiting' && <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate('start')}>Start now</Button>}
          {scrub.state === 'running' && <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate('pause')}>Pause</Button>}
          {scrub.state === 'paused' && <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate('resume')}>Go on</Button>}
        </>
      }
    >
      {act.isError && <Problem error={act.error} />}
      <Facts
        items={[
          ['State', <Badge key="s" variant="light" color={scrub.state === 'running' ? 'tarn' : 'gray'}>{scrub.state}</Badge>], ...(scrub.next ? [['Next', <Time key="n" at={scrub.next} />] as [string, React.ReactNode]] : []),
          ...(pass ? ([[scrub.current ? 'This pass' : 'Last pass', <span key="p">{many(pass.objects, 'object')}, <Bytes value={pass.bytes} /></span>], ['Damaged', count(pass.damaged)], ['Repaired', count(pass.repaired)], ['Could not be read', count(pass.failures)], ['Without an object', `${count(pass.orphans)}, ${bytes(pass.orphanBytes)}`], ['Begun', <Time key="b" at={pass.began} />]] as [string, React.ReactNode][]) : []),
        ]}
      />
      {scrub.orphansKeptBecause && <Text size="sm" c="dimmed" mt="sm">Data without an object is kept: {scrub.orphansKeptBecause}</Text>}
    </Section>
  );
}

function Backup({ status }: { status: Schemas['BackupStatusView'] }) {
  const job = useQuery({ queryKey: ['backup'], queryFn: () => call(api.GET('/api/backups/job', {})), refetchInterval: status.running ? 2000 : 30_000, retry: false });
  return (
    <Section title="Backup" about="Backups are made with tarn backup; this shows the one under way.">
      <Facts items={[['Last full', <Time key="f" at={status.lastFull} />], ['Last of metadata', <Time key="m" at={status.lastMetadata} />]]} />
      {job.isError && !isNotFound(job.error) && <Problem error={job.error} />}
      {job.data && (
        <div style={{ marginTop: 16 }}>
          <Group justify="space-between"><Text size="sm">{job.data.work} to {job.data.target}: {job.data.state}{job.data.state === 'running' ? `, ${job.data.phase}` : ''}</Text><Text size="xs" c="dimmed">{bytes(job.data.doneBytes)} of {bytes(job.data.totalBytes)}</Text></Group>
          <Progress value={job.data.totalBytes > 0 ? (job.data.doneBytes / job.data.totalBytes) * 100 : job.data.state === 'running' ? 0 : 100} color={job.data.state === 'failed' || job.data.state === 'damaged' ? 'red' : 'tarn'} aria-label="Backup" mt={4} />
          {job.data.error && <Text size="sm" c="red" mt={4}>{job.data.error}</Text>}
        </div>
      )}
    </Section>
  );
}

const kinds: Record<string, string> = { missing: 'is missing', 'wrong-length': 'has another length', damaged: 'is damaged', 'wrong-blob': 'is of another object', tail: 'has a damaged end' };

export function Damaged() {
  const list = usePages(['damaged'], (query: Asked) => call(api.GET('/api/damaged', { params: { query } })), ['damaged'], { refetchInterval: 15_000 });
  const [asked, setAsked] = useState<Schemas['DamagedView'] | null>(null);
  const drop = useSaving((one: Schemas['DamagedView']) => done(api.POST('/api/damaged/drop', { body: { bucket: one.bucket, key: one.key, ...(one.versionId ? { versionId: one.versionId } : {}), ...(one.uploadId ? { uploadId: one.uploadId, partNumber: one.partNumber } : {}) } as never })), [['damaged'], ['status']], 'It was removed.');
  return (
    <>
      <PageHead title="Damaged objects" trail={trail} about="Of which stored data was found damaged. They are refused, never sent wrong." />
      <Loaded query={list}>
        {({ damaged }) =>
          damaged.length === 0 ? <Empty icon={<IconShieldCheck size={36} stroke={1.3} />} title="Nothing is damaged">The scrub and every read look for it.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Object</Table.Th><Table.Th>What</Table.Th><Table.Th>First seen</Table.Th><Table.Th>Last seen</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {damaged.map((one, i) => (
                    <Table.Tr key={i}>
                      <Table.Td>{one.bucket ? <Link className="mono" {...objectLink({ kind: 'bucket', bucket: one.bucket }, one.key, one.versionId ?? undefined)}>{one.bucket}/{visible(one.key)}</Link> : visible(one.key)}{one.partNumber ? ` (part ${one.partNumber} of an upload)` : ''}</Table.Td>
                      <Table.Td>{one.data} {kinds[one.kind] ?? one.kind}{one.offset > 0 ? ` from byte ${count(one.offset)}` : ''}</Table.Td><Table.Td className="nowrap"><Time at={one.firstSeen} /></Table.Td><Table.Td className="nowrap"><Time at={one.lastSeen} /></Table.Td>
                      <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked(one)}>Remove</Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <More list={list} />
            </div>
          )
        }
      </Loaded>
      <Confirm opened={asked !== null} onClose={() => setAsked(null)} title="Remove the damaged object?" action="Remove" onConfirm={() => drop.mutateAsync(asked!)}>If a backup has it, restore it there first: what is left of it here is deleted.</Confirm>
    </>
  );
}
