import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { api, ApiError, call } from './client';

/** What the server gives of a list at a time. */
interface Page {
  nextCursor?: string | null;
}
/** Which page is asked for. */
export interface Asked {
  limit: number;
  cursor?: string;
}
const asked = (limit: number, cursor: string): Asked => ({ limit, ...(cursor ? { cursor } : {}) });

/** Pages as one, with the items of all of them. */
export const joined = <P extends Page>(pages: readonly P[], ...items: (keyof P)[]): P => ({ ...pages[pages.length - 1]!, ...Object.fromEntries(items.map((name) => [name, pages.flatMap((page) => page[name] as unknown[])])) });

/** A list of which the server gives a part at a time: the first, and with {@link More} those after it. Its data is that of a page, with the items of all that were read. */
export function usePages<P extends Page>(key: QueryKey, read: (page: Asked) => Promise<P>, items: (keyof P)[], { limit = 1000, ...options }: { limit?: number; refetchInterval?: number | ((pages: readonly P[]) => number) } = {}) {
  const { refetchInterval } = options;
  return useInfiniteQuery({
    queryKey: [...key, 'pages'],
    queryFn: ({ pageParam }) => read(asked(limit, pageParam)),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    select: (data) => joined(data.pages, ...items),
    ...(refetchInterval === undefined ? {} : { refetchInterval: typeof refetchInterval === 'number' ? refetchInterval : (query: { state: { data?: { pages: P[] } | undefined } }) => refetchInterval(query.state.data?.pages ?? []) }),
  });
}

/** All of a list, for what chooses from it. */
export async function readAll<P extends Page>(read: (page: Asked) => Promise<P>, ...items: (keyof P)[]): Promise<P> {
  const pages: P[] = [];
  let cursor: string | null | undefined = '';
  do {
    const page: P = await read(asked(1000, cursor));
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor);
  return joined(pages, ...items);
}

/** Disks come without a cursor beside them: it is the id of the last one. */
const limitOfDisks = 1000;
export async function readDisks({ cursor }: { cursor?: string }) {
  const disks = (await call(api.GET('/api/disks', { params: { query: { limit: limitOfDisks, ...(cursor ? { cursor } : {}) } } }))) ?? [];
  return { disks, nextCursor: disks.length < limitOfDisks ? null : disks[disks.length - 1]!.id };
}

const readUsers = (organization: string) => (query: Asked) => call(api.GET('/api/organizations/{organization}/users', { params: { path: { organization }, query } }));

export const useUsers = (organization: string) => usePages(['users', organization], readUsers(organization), ['users']);

/** Queries that several places ask for, so that each is asked in one way and kept once. */

export const bucketNamesQuery = { queryKey: ['buckets', 'names'], queryFn: () => readAll((query: Asked) => call(api.GET('/api/buckets', { params: { query } })), 'buckets'), staleTime: 60_000 };

/** The key of a session; null where it has none, or one of the server's configuration, which is among no keys. */
export const ownKeyQuery = (id: string | null | undefined) => ({
  queryKey: ['keys', 'own', id ?? null],
  queryFn: async () => {
    try {
      return id ? await call(api.GET('/api/keys/{id}', { params: { path: { id } } })) : null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
});

export const disksQuery = { queryKey: ['disks', 'all'], queryFn: () => readAll(readDisks, 'disks') };

export const diskQuery = (id: string) => ({ queryKey: ['disk', id], queryFn: () => call(api.GET('/api/disks/{id}', { params: { path: { id } } })) });

export const usersQuery = (organization: string) => ({
  queryKey: ['users', organization, 'all'], queryFn: () => readAll(readUsers(organization), 'users'),
});

export const rolesQuery = (organization: string) => ({
  queryKey: ['roles', organization],
  queryFn: () => readAll((query: Asked) => call(api.GET('/api/organizations/{organization}/roles', { params: { path: { organization }, query } })), 'roles'),
});

export const trustedIssuersQuery = (organization: string) => ({ queryKey: ['issuers', organization], queryFn: () => call(api.GET('/api/issuers', { params: { query: { organization } } })) });
