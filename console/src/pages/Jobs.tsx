import { Alert, Anchor, Badge, Button, Progress, Table, Text } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../api/client';
import { isActive, jobQuery, type Job } from '../api/jobs';
import { usePages, type Asked } from '../api/lists';
import { bytes, count, many, visible } from '../app/format';
import { Confirm } from '../components/Confirm';
import { Empty, Facts, Loaded, PageHead, Section } from '../components/Layout';
import { More } from '../components/More';
import { Copyable, Time } from '../components/Text';
import { useSaving } from '../components/useSaving';

const colors: Record<string, string> = { queued: 'gray', running: 'tarn', succeeded: 'teal', failed: 'red', cancelled: 'gray' };
const verbs: Record<string, string> = { delete: 'Delete', empty: 'Empty', copy: 'Copy', rename: 'Rename', tag: 'Tag', restore: 'Bring back' };

function titleOf(job: Job) {
  const from = `${job.bucket}${job.prefix ? `/${visible(job.prefix)}` : ''}`;
  const to = job.toBucket || job.toPrefix !== null && job.toPrefix !== undefined ? ` to ${job.toBucket ?? job.bucket}/${visible(job.toPrefix ?? '')}` : '';
  return `${verbs[job.kind] ?? job.kind} ${from}${to}`;
}

const mostJobs = 100;
const readJobs = (query: Asked) => call(api.GET('/api/jobs', { params: { query } }));
/** The jobs that were begun last. */
export const jobsQuery = { queryKey: ['jobs', 'last'], queryFn: () => readJobs({ limit: mostJobs }) };

export function Jobs() {
  const list = usePages(['jobs', 'list'], readJobs, ['jobs'], { limit: mostJobs, refetchInterval: (pages) => (pages.some((page) => page.jobs.some(isActive)) ? 2000 : 15_000) });
  return (
    <>
      <PageHead title="Jobs" about="Work on many objects that the server does, whether or not this page is open." />
      <Loaded query={list} title="The jobs could not be listed">
        {({ jobs }) =>
          jobs.length === 0 ? <Empty icon={<IconListCheck size={36} stroke={1.3} />} title="No jobs yet">Deleting, renaming or copying a folder of a bucket starts one.</Empty> : <><JobTable jobs={jobs} /><More list={list} /></>
        }
      </Loaded>
    </>
  );
}

export function JobTable({ jobs }: { jobs: Job[] }) {
  return (
    <div className="table-scroll">
      <Table>
        <Table.Thead><Table.Tr><Table.Th>Job</Table.Th><Table.Th>State</Table.Th><Table.Th className="num">Done</Table.Th><Table.Th className="num">Failed</Table.Th><Table.Th>Begun</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {jobs.map((job) => (
            <Table.Tr key={job.id}>
              <Table.Td miw={180}><Anchor component={Link} to="/jobs/$id" params={{ id: job.id } as never} className="break">{titleOf(job)}</Anchor>{job.dryRun && <Badge ml="xs" size="sm" variant="light" color="gray">dry run</Badge>}</Table.Td>
              <Table.Td miw={150}><JobState job={job} /></Table.Td>
              <Table.Td className="num">{count(job.done)}</Table.Td>
              <Table.Td className="num">{job.failed > 0 ? <Text span inherit c="red">{count(job.failed)}</Text> : '0'}</Table.Td>
              <Table.Td className="nowrap"><Time at={job.created} /></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function JobState({ job }: { job: Job }) {
  const part = job.expected ? Math.min(100, ((job.done + job.failed + job.skipped) / job.expected) * 100) : null;
  return (
    <>
      <Badge variant="light" color={colors[job.state] ?? 'gray'}>{job.cancelRequested && isActive(job) ? 'ending' : job.state}</Badge>
      {job.state === 'running' && <Progress mt={4} size="sm" value={part ?? 100} striped={part === null} animated={part === null} aria-label={`Progress of ${titleOf(job)}`} />}
    </>
  );
}

export function JobPage() {
  const { id } = useParams({ from: '/app/jobs/$id' });
  const [isAsked, setAsked] = useState(false);
  const key = ['jobs', id];
  const query = useQuery({ ...jobQuery(id), refetchInterval: (state) => (state.state.data && isActive(state.state.data) ? 1000 : false) });
  const cancel = useSaving(() => call(api.DELETE('/api/jobs/{id}', { params: { path: { id } } })), [key, ['jobs']], 'The job was ended.');
  return (
    <>
      <PageHead title={query.data ? titleOf(query.data) : 'Job'} trail={[<Anchor key="j" component={Link} to="/jobs">Jobs</Anchor>]} actions={query.data && isActive(query.data) && <Button variant="default" onClick={() => setAsked(true)} disabled={query.data.cancelRequested}>End the job</Button>} />
      <Loaded query={query}>
        {(job) => (
          <>
            {job.reason && <Alert color={job.state === 'failed' ? 'red' : 'gray'} variant="light" mb="md" title={job.state === 'failed' ? 'The job failed' : undefined}>{job.reason}</Alert>}
            <Section title="Progress">
              <div style={{ maxWidth: 420, marginBottom: 16 }}><JobState job={job} /></div>
              <Facts
                items={[
                  ['Done', job.expected ? `${count(job.done)} of about ${count(job.expected)}` : count(job.done)], ['Failed', count(job.failed)], ['Left as they were', count(job.skipped)], ['Bytes', bytes(job.bytes)],
                  ['Begun', <Time key="c" at={job.created} />], ...(job.finished ? [['Ended', <Time key="f" at={job.finished} />] as [string, React.ReactNode]] : []), ['For', job.requester], ['Id', <Copyable key="i" value={job.id} />],
                  ...(job.versions ? [['Versions', job.versions === 'all' ? 'deleted permanently' : 'hidden behind delete markers'] as [string, string]] : []), ...(job.dryRun ? [['Dry run', 'nothing is changed'] as [string, string]] : []),
                ]}
              />
            </Section>
            {(job.errors?.length ?? 0) > 0 && (
              <Section title="What failed" about={job.omittedErrors ? `The first ${count(job.errors!.length)}; ${many(job.omittedErrors, 'more is', 'more are')} not listed.` : undefined}>
                <div className="table-scroll">
                  <Table>
                    <Table.Thead><Table.Tr><Table.Th>Key</Table.Th><Table.Th>Why</Table.Th></Table.Tr></Table.Thead>
                    <Table.Tbody>{job.errors!.map((error, i) => <Table.Tr key={i}><Table.Td className="break">{visible(error.key)}</Table.Td><Table.Td>{error.code}: {error.message}</Table.Td></Table.Tr>)}</Table.Tbody>
                  </Table>
                </div>
              </Section>
            )}
          </>
        )}
      </Loaded>
      <Confirm opened={isAsked} onClose={() => setAsked(false)} title="End the job?" action="End it" onConfirm={() => cancel.mutateAsync(undefined)}>What it has done stays done.</Confirm>
    </>
  );
}
