import { Alert, Button, Divider, Group, Paper, PasswordInput, Stack, Tabs, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState, type FormEvent } from 'react';
import { tabs } from '../api/identity';
import { beginOidc, issuersQuery, sessionQuery, signIn, type Issuer, type Session } from '../api/session';
import { Logo } from '../app/Logo';
import { forgetTold } from '../app/forget';
import { visible } from '../app/format';
import { Problem } from '../components/Problem';
import { Copyable } from '../components/Text';
import { DocLink } from '../components/Layout';
import { reaches } from '../s3/client';

/** Why a sign-in with an issuer was refused, by the server's codes. The server's log says more, by the request's id. */
const reasons: Record<string, string> = {
  denied: 'You or your provider refused the sign-in.',
  state: 'This browser did not begin that sign-in, or too long ago, or has ended it already. Begin again.',
  issuer: 'The console signs nobody in with this provider, or not any more.',
  provider: 'The provider did not answer as it should. Try again; if it stays, ask your administrator.',
  token: 'What the provider said about you could not be verified. Ask your administrator.',
  role: 'No role of the organization is for you. Ask your administrator.',
  limit: 'There were too many attempts, or too many sessions. Try again in some minutes.',
};
export const whyNot = (reason: string | undefined) => (reason && Object.hasOwn(reasons, reason) ? reasons[reason]! : 'The identity provider did not confirm who you are, or you may not use this console.');

export function SignIn() {
  const { to, error, reason, request } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const router = useRouter();
  const queries = useQueryClient();
  const [kind, setKind] = useState<string | null>('key');
  const [accessKey, setAccessKey] = useState('');
  const [secretKey, setSecretKey] = useState('');
  const [token, setToken] = useState('');
  const [unreachable, setUnreachable] = useState<Session | null>(null);
  const providers = useQuery(issuersQuery);
  useEffect(() => {
    document.title = 'Sign in · Tarn';
  }, []);

  async function enter(session: Session) {
    forgetTold();
    queries.clear();
    queries.setQueryData(sessionQuery.queryKey, session);
    tabs?.postMessage(session.arn);
    // Only a place of this console: an address from a link must not lead elsewhere.
    if (to && /^\/[^/\\]/.test(to)) router.history.push(to);
    else await navigate({ to: '/buckets' });
  }
  const work = useMutation({
    mutationFn: () => signIn(kind === 'token' ? { token: token.trim() } : { accessKey: accessKey.trim(), secretKey: secretKey.trim() }),
    onSuccess: async (session) => {
      setSecretKey('');
      setToken('');
      if (session.s3Url !== null && (await reaches())) await enter(session);
      else setUnreachable(session);
    },
  });
  const leaving = useMutation({
    mutationFn: (issuer: Issuer) => beginOidc(issuer, to),
    onSuccess: ({ url }) => {
      // The server takes it from the issuer's document, and only of its hosts.
      window.location.assign(url);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    work.mutate();
  }

  if (unreachable)
    return (
      <main className="sign-in">
        <Stack className="sign-in-box">
          <Alert color="yellow" title="Your browser cannot use the S3 endpoint">
            {unreachable.s3Url === null ? (
              <Text size="sm">You are signed in, but this page was opened at an IPv6 address, and browsers let no page say that it uses one for S3. Open the console by a name or an IPv4 address, or have the server started with an <code>--external-url</code> that has one. Files cannot be shown or uploaded until then.</Text>
            ) : (
              <>
                <Text size="sm">You are signed in, but {unreachable.s3Url} does not answer this page. Files cannot be shown or uploaded until it does.</Text>
                <Text size="sm" mt="xs">Check that this address can be reached from here, that it is HTTPS if this page is, and that the console was started with the right <code>--console-url</code> and <code>--external-url</code>.</Text>
              </>
            )}
          </Alert>
          <Group>
            {unreachable.s3Url !== null && <Button onClick={() => void reaches().then((isReached) => (isReached ? enter(unreachable) : undefined))}>Try again</Button>}
            <Button variant="default" onClick={() => void enter(unreachable)}>Go on without files</Button>
          </Group>
        </Stack>
      </main>
    );

  const isReady = kind === 'token' ? token !== '' : accessKey !== '' && secretKey !== '';
  return (
    <main className="sign-in">
      <Paper className="sign-in-box">
        <Stack>
          <Group gap="sm"><Logo size={34} /><Title order={1}>Sign in to Tarn</Title></Group>
          {error === 'ended' && !work.isError && <Alert color="yellow" variant="light">Your session has ended. Sign in again to go on where you were.</Alert>}
          {error && error !== 'ended' && !work.isError && <Alert color="red" variant="light" title="Signing in did not work">{whyNot(reason)}{request && <Group gap={4} wrap="nowrap" mt={4}><Text size="xs" c="dimmed">Request</Text><Copyable value={visible(request)} /></Group>}</Alert>}
          {(providers.data?.issuers.length ?? 0) > 0 && (
            <>
              {providers.data!.issuers.map((issuer) => (
                <Button key={`${issuer.organization}/${issuer.name}`} variant="default" loading={leaving.isPending && leaving.variables === issuer} disabled={leaving.isPending} onClick={() => leaving.mutate(issuer)}>Continue with {visible(issuer.title)}</Button>
              ))}
              {leaving.isError && <Problem error={leaving.error} title="Signing in did not begin" />}
              <Divider label="or" />
            </>
          )}
          <form onSubmit={submit}>
            <Stack gap="sm">
              <Tabs value={kind} onChange={(value) => { setKind(value); work.reset(); }}>
                <Tabs.List grow mb="sm"><Tabs.Tab value="key">Access key</Tabs.Tab><Tabs.Tab value="token">API token</Tabs.Tab></Tabs.List>
                <Tabs.Panel value="key">
                  <Stack gap="sm">
                    <TextInput label="Access key" name="username" autoComplete="username" spellCheck={false} autoCapitalize="none" value={accessKey} onChange={(e) => setAccessKey(e.currentTarget.value)} autoFocus />
                    <PasswordInput label="Secret key" name="password" autoComplete="current-password" value={secretKey} onChange={(e) => setSecretKey(e.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': 'Show the secret' }} />
                  </Stack>
                </Tabs.Panel>
                <Tabs.Panel value="token">
                  <PasswordInput label="Token" placeholder="key-…" autoComplete="off" value={token} onChange={(e) => setToken(e.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }} />
                </Tabs.Panel>
              </Tabs>
              {work.isError && <Problem error={work.error} title="Signing in did not work" />}
              <Button type="submit" loading={work.isPending} disabled={!isReady}>Sign in</Button>
            </Stack>
          </form>
          <Text size="xs" c="dimmed">The key of the first start was printed once by the server. Scripts use the same <DocLink href="/docs">API</DocLink>.</Text>
        </Stack>
      </Paper>
    </main>
  );
}
