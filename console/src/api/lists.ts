import { api, call } from './client';

/** Queries that several places ask for, so that each is asked in one way and kept once. */

export const bucketNamesQuery = { queryKey: ['buckets', 'names'], queryFn: () => call(api.GET('/api/buckets', { params: { query: { limit: 1000 } } })), staleTime: 60_000 };

export const disksQuery = { queryKey: ['disks'], queryFn: () => call(api.GET('/api/disks', {})) };

export const diskQuery = (id: string) => ({ queryKey: ['disk', id], queryFn: () => call(api.GET('/api/disks/{id}', { params: { path: { id } } })) });

export const usersQuery = (organization: string) => ({
  queryKey: ['users', organization], queryFn: () => call(api.GET('/api/organizations/{organization}/users', { params: { path: { organization }, query: { limit: 1000 } } })),
});

export const rolesQuery = (organization: string) => ({ queryKey: ['roles', organization], queryFn: () => call(api.GET('/api/organizations/{organization}/roles', { params: { path: { organization } } })) });

export const trustedIssuersQuery = (organization: string) => ({ queryKey: ['issuers', organization], queryFn: () => call(api.GET('/api/issuers', { params: { query: { organization } } })) });
