import { useQueryClient } from '@tanstack/react-query';
import { sessionQuery, type Session } from '../api/session';

/** The session if there is one, without asking for it: for what is also shown to those who are not signed in. */
export const useMaybeSession = (): Session | null => useQueryClient().getQueryData<Session | null>(sessionQuery.queryKey) ?? null;
