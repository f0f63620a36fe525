import { Alert, Anchor, Button, Group, SegmentedControl, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../api/client';
import { isActive } from '../api/jobs';
import { useMay } from '../api/session';
import { bytes, count, milliseconds, short } from '../app/format';
import { Chart } from '../components/Chart';
import { Loaded, PageHead, Section } from '../components/Layout';
import { jobsQuery, JobTable } from './Jobs';
import { RequestTable } from './Requests';

const clock = (iso: string) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(iso));

/** The server now: rates, what is at work, what was refused. */
export function Activity() {
  const [seconds, setSeconds] = useState('120');
  const mayRates = useMay('rates');
  const mayStatus = useMay('status');
  const rates = useQuery({ queryKey: ['rates', seconds], enabled: mayRates, queryFn: () => call(api.GET('/api/rates', { params: { query: { seconds: Number(seconds) } } })), refetchInterval: 2000 });
  const errors = useQuery({ queryKey: ['requests', 'errors'], queryFn: () => call(api.GET('/api/requests', { params: { query: { status: 'error', limit: 200 } } })), refetchInterval: 5000 });
  const mayJobs = useMay('jobs');
  const jobs = useQuery({ ...jobsQuery, enabled: mayJobs, refetchInterval: 5000 });
  const active = jobs.data?.jobs.filter(isActive) ?? [];
  return (
    <>
      <PageHead
        title="Activity"
        actions={<><Button variant="default" component={Link} to="/activity/requests">Recent requests</Button>{mayStatus && <Button variant="default" component={Link} to="/activity/background">Background work</Button>}</>}
      />
      {mayRates && (
        <Section title="Now" actions={<SegmentedControl size="xs" aria-label="Time shown" value={seconds} onChange={setSeconds} data={[{ value: '60', label: '1 min' }, { value: '120', label: '2 min' }, { value: '600', label: '10 min' }]} />}>
          <Loaded query={rates} title="The rates could not be read">
            {(data) => {
              const list = data.rates;
              if (list.length < 2) return <Text size="sm" c="dimmed">The server has just begun to count.</Text>;
              const times = list.map((rate) => rate.time);
              const each = (pick: (rate: (typeof list)[number]) => number) => list.map((rate) => pick(rate) / (rate.seconds || 1));
              return (
                <>
                  <Text size="sm" mb="sm">{count(data.inFlight)} in flight</Text>
                  <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
                    <Chart label="Requests each second" times={times} format={short} timeFormat={clock} height={150} series={[{ name: 'Requests/s', color: 'var(--mantine-color-tarn-6)', values: each((r) => r.requests) }, { name: 'Refused/s', color: 'var(--mantine-color-orange-6)', values: each((r) => r.errors) }, { name: 'Failed/s', color: 'var(--mantine-color-red-6)', values: each((r) => r.serverErrors) }]} />
                    <Chart isBinary label="Bytes each second" times={times} format={bytes} timeFormat={clock} height={150} series={[{ name: 'Out/s', color: 'var(--mantine-color-indigo-5)', values: each((r) => r.bytesOut) }, { name: 'In/s', color: 'var(--mantine-color-grape-5)', values: each((r) => r.bytesIn) }]} />
                    <Chart label="Times of requests" times={times} format={milliseconds} timeFormat={clock} height={150} series={[{ name: 'Half took at most', color: 'var(--mantine-color-tarn-6)', values: list.map((r) => r.p50Milliseconds ?? null) }, { name: '99 of 100 took at most', color: 'var(--mantine-color-orange-6)', values: list.map((r) => r.p99Milliseconds ?? null) }]} />
                  </SimpleGrid>
                </>
              );
            }}
          </Loaded>
        </Section>
      )}
      {active.length > 0 && <Section title="Jobs at work"><JobTable jobs={active} /></Section>}
      <Section title="Last refused or failed" about="A click says why." actions={<Anchor component={Link} to="/activity/requests" search={{ status: 'error' } as never} size="sm">All of them</Anchor>}>
        <Loaded query={errors} title="The requests could not be read">
          {(data) => {
            // What is not there is asked for all the time, by this console too, and clients leave; these are among all of them.
            const shown = data.requests.filter((request) => request.status !== 404 && request.status !== 499).slice(0, 8);
            return shown.length === 0 ? <Alert color="teal" variant="light">Nothing was refused lately.</Alert> : <RequestTable requests={shown} />;
          }}
        </Loaded>
      </Section>
      {mayStatus && <Group><Anchor component={Link} to="/activity/damaged" size="sm">Damaged objects</Anchor></Group>}
    </>
  );
}
