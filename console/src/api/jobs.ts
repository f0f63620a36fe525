import { QueryObserver, type QueryClient } from '@tanstack/react-query';
import { isPassing } from '../upload/transport';
import { api, call, type Schemas } from './client';

export type Job = Schemas['JobView'];
export const isActive = (job: Pick<Job, 'state'>) => job.state === 'queued' || job.state === 'running';

export const jobQuery = (id: string) => ({ queryKey: ['jobs', id], queryFn: () => call(api.GET('/api/jobs/{id}', { params: { path: { id } } })) });

const watched = new Map<string, () => void>();

/** Looks at a job that this page began every two seconds, while somebody looks at the page, and at its end has everything read again that shows its buckets. */
export function watchJob(queries: QueryClient, job: Job) {
  if (watched.has(job.id)) return;
  const query = jobQuery(job.id);
  const observer = new QueryObserver<Job>(queries, { ...query, refetchInterval: 2000 });
  const stop = () => {
    watched.delete(job.id);
    observer.destroy();
  };
  watched.set(job.id, stop);
  observer.subscribe((result) => {
    if (result.isError && !isPassing(result.error)) return stop();
    if (!result.data || isActive(result.data)) return;
    stop();
    for (const bucket of new Set([job.bucket, job.toBucket ?? job.bucket]))
      for (const name of ['files', 'versions', 'object', 'text', 'bucket']) void queries.invalidateQueries({ queryKey: [name, bucket] });
    void queries.invalidateQueries({ queryKey: ['jobs'] });
  });
}

/** Whoever signs in next has nothing to do with what was begun here. */
export const stopWatching = () => watched.forEach((stop) => stop());
