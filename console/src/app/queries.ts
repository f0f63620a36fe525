import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client';
import { isPassing } from '../upload/transport';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 2 && isPassing(error),
      refetchOnWindowFocus: true,
      // A page that nobody looks at asks nothing.
      refetchIntervalInBackground: false,
      throwOnError: false,
    },
    mutations: { retry: false },
  },
});

export const isNotFound = (error: unknown) => error instanceof ApiError && error.status === 404;
