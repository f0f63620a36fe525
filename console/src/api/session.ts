import { useQuery } from '@tanstack/react-query';
import { api, ApiError, call, done, isSignedOut, type Schemas } from './client';
import { forgetProof } from './proof';

/** Pages and features that a session may be offered. The server decides about each call again. */
export type Feature =
  | 'buckets' | 'createBucket' | 'disks' | 'createDisk' | 'jobs' | 'requests' | 'keys' | 'identity' | 'applications' | 'shares' | 'explain'
  | 'organizations' | 'rates' | 'status' | 'damaged' | 'scrub' | 'backups' | 'archives' | 'accelerators';

export type Session = Omit<Schemas['SessionView'], 'may'> & { may: Feature[] };
export type Issuer = Schemas['ConsoleIssuerView'];

export type Credentials = { accessKey: string; secretKey: string } | { token: string };

/** The server names features that this page may not know yet: it only looks for those that it does. */
const known = (view: Schemas['SessionView']) => view as Session;

export const signIn = async (body: Credentials) => known(await call(api.POST('/api/session', { body })));
export async function signOut() {
  await done(api.DELETE('/api/session'));
  forgetProof();
}

/** Begins to sign in with an issuer, and returns where it asks who somebody is. */
export const beginOidc = ({ organization, name }: Issuer, to: string | undefined) =>
  call(api.POST('/api/session/oidc/{organization}/{name}', { params: { path: { organization, name } }, body: { to: to ?? null } }));
/** Whom people may be sent to that sign in. It is not of a session. */
export const issuersQuery = { queryKey: ['sign-in', 'issuers'], queryFn: () => call(api.GET('/api/session/oidc')), retry: false } as const;

/** The S3 endpoint for programs, or a text in its place where this page does not know it. */
export const endpointOf = (session: Session) => session.s3Url ?? 'http://S3_ADDRESS';

/** The session, or null where this page has none. */
export async function readSession(): Promise<Session | null> {
  try {
    return known(await call(api.GET('/api/session')));
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

export const sessionQuery = { queryKey: ['session'], queryFn: readSession, staleTime: 60_000, retry: 1 } as const;

/** The session of a page that is only shown to those who are signed in. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new ApiError('You are not signed in.', 401);
  return data;
}

export const useMay = (feature: Feature) => useSession().may.includes(feature);
