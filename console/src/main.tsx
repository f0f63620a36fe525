import './app/trustedTypes.start';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { lazy, StrictMode, Suspense, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from './api/client';
import { identity } from './api/identity';
import { sessionQuery } from './api/session';
import { forgetTold } from './app/forget';
import { queries } from './app/queries';
import { router } from './app/router';
import { theme } from './app/theme';
import { styleNonce } from './app/trustedTypes';
import { secrets } from './components/secrets';

const nonce = styleNonce();
if (nonce) setNonce(nonce);

onSignedOut(() => {
  identity.end();
  forgetTold();
  if (queries.getQueryData(sessionQuery.queryKey) === null) return;
  // The shell leads to the sign-in page, and from there back here.
  queries.setQueryData(sessionQuery.queryKey, null);
});

const SecretOnce = lazy(() => import('./components/SecretOnce'));
const Secrets = () => useSyncExternalStore(secrets.subscribe, secrets.get) && <Suspense><SecretOnce /></Suspense>;

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}>
      <QueryClientProvider client={queries}>
        <Notifications position="top-center" autoClose={4000} />
        <RouterProvider router={router} />
        <Secrets />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
