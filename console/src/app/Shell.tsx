import { ActionIcon, Alert, AppShell, Burger, Button, Group, Kbd, Menu, NavLink, ScrollArea, Text, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks';
import { IconActivity, IconApps, IconArchive, IconBolt, IconDeviceDesktop, IconKey, IconKeyboard, IconListCheck, IconLogout, IconMoon, IconSearch, IconServer2, IconSun, IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { isSignedOut } from '../api/client';
import { identity, tabs } from '../api/identity';
import { issuersQuery, sessionQuery, signOut, useSession, type Feature, type Session } from '../api/session';
import { reaches } from '../s3/client';
import { UploadPanel } from '../upload/UploadPanel';
import { uploads } from '../upload/engine';
import { Failures } from '../components/Failures';
import { Empty } from '../components/Layout';
import { tellProblem } from '../components/tell';
import { secrets } from '../components/secrets';
import { forgetTold } from './forget';
import { Logo } from './Logo';

const Palette = lazy(() => import('./Palette'));

const places: { to: string; label: string; icon: ReactNode; feature: Feature; also?: string }[] = [
  { to: '/buckets', label: 'Buckets', icon: <IconArchive size={18} stroke={1.6} />, feature: 'buckets', also: '/applications' },
  { to: '/disks', label: 'Disks', icon: <IconServer2 size={18} stroke={1.6} />, feature: 'disks' },
  { to: '/jobs', label: 'Jobs', icon: <IconListCheck size={18} stroke={1.6} />, feature: 'jobs' },
  { to: '/activity', label: 'Activity', icon: <IconActivity size={18} stroke={1.6} />, feature: 'requests' },
  { to: '/accelerators', label: 'Accelerators', icon: <IconBolt size={18} stroke={1.6} />, feature: 'accelerators' },
  { to: '/identity', label: 'Identity', icon: <IconUsers size={18} stroke={1.6} />, feature: 'identity' },
  { to: '/keys', label: 'Your keys', icon: <IconKey size={18} stroke={1.6} />, feature: 'keys' },
];

/** Pages that not everyone may use, by the beginning of their path. The server decides again about each call. */
const guarded: [string, Feature][] = [
  ['/disks', 'disks'], ['/identity', 'identity'], ['/applications', 'applications'], ['/accelerators', 'accelerators'], ['/activity/background', 'status'], ['/activity/damaged', 'damaged'], ['/activity', 'requests'], ['/jobs', 'jobs'], ['/keys', 'keys'],
];
const command = /Mac/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** What is around every page, for those who are signed in. */
export function Shell() {
  const { data: session } = useQuery(sessionQuery);
  // What is below asks for the session; without one it is not drawn at all.
  const arn = useRef<string | null>(null);
  if (session) arn.current ??= session.arn;
  const isOther = session ? session.arn !== arn.current : false;
  useEffect(() => {
    // Somebody else has signed in in another tab: nothing of what this page knows or does is theirs.
    if (!isOther) return;
    uploads.forget();
    window.location.reload();
  }, [isOther]);
  if (isOther) return null;
  return session ? <Frame session={session} /> : <Ended />;
}

/** Leads to the sign-in page, once, from where one was: the address is another one as soon as that has begun. */
function Ended() {
  const { href } = useLocation();
  const from = useRef(href);
  const navigate = useNavigate();
  useEffect(() => {
    void navigate({ to: '/sign-in', search: { to: from.current, error: 'ended' }, replace: true });
  }, [navigate]);
  return null;
}

function Frame({ session }: { session: Session }) {
  const [isOpen, menu] = useDisclosure(false);
  const [palette, setPalette] = useState(false);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const main = useRef<HTMLElement>(null);
  const queries = useQueryClient();

  useEffect(() => {
    identity.begin(session.arn);
    void uploads.begin(session.arn);
    const told = (event: MessageEvent<string | null>) => {
      if (event.data === session.arn) return;
      uploads.forget();
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    };
    const again = () => void uploads.lookAgain();
    const online = () => uploads.resumeBroken();
    tabs?.addEventListener('message', told);
    window.addEventListener('focus', again);
    window.addEventListener('online', online);
    return () => {
      tabs?.removeEventListener('message', told);
      window.removeEventListener('focus', again);
      window.removeEventListener('online', online);
    };
    // A session that took the place of another one of the same principal begins too.
  }, [session.arn, session.expiresAt, queries]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (uploads.isBusy) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, []);
  useEffect(() => {
    menu.close();
  }, [pathname]); // eslint-disable-line react-hooks/exhaustive-deps

  const isReached = useQuery({ queryKey: ['reaches', session.s3Url], queryFn: () => session.s3Url !== null && reaches(), staleTime: Infinity });
  const isClosed = guarded.some(([path, feature]) => pathname.startsWith(path) && !session.may.includes(feature));

  const pending = useRef(false);
  const go = (to: string) => () => {
    if (!pending.current) return;
    pending.current = false;
    void navigate({ to });
  };
  const [hasShortcuts] = useShortcuts();
  useHotkeys([['mod+K', () => setPalette(true)]]);
  // Of one letter: they can be turned off, since dictated words press them too.
  useHotkeys(!hasShortcuts ? [] : [
    ['/', () => document.querySelector<HTMLInputElement>('[data-page-search]')?.focus()],
    ['g', () => {
      pending.current = true;
      setTimeout(() => (pending.current = false), 1000);
    }],
    ['b', go('/buckets')], ['d', go('/disks')], ['j', go('/jobs')], ['a', go('/activity')], ['i', go('/identity')], ['k', go('/keys')],
  ]);

  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }} padding="md">
      <a className="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>To the content</a>
      <AppShell.Header className="bar">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={isOpen ? 'Close the menu' : 'Open the menu'} />
            <Link to="/buckets" search={{ new: undefined, find: undefined }} className="brand" aria-label="Tarn"><Logo /><Text fw={650} span>Tarn</Text></Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <UnstyledButton className="palette-button" onClick={() => setPalette(true)} aria-label={`Go to… ${command} K`}>
              <IconSearch size={15} /><Text span size="sm" visibleFrom="sm">Go to…</Text><Kbd size="xs" visibleFrom="sm">{command} K</Kbd>
            </UnstyledButton>
            <Scheme />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="side" p="xs" aria-label="Places">
        <ScrollArea>
          {places.filter((place) => session.may.includes(place.feature)).map((place) => {
            const isHere = pathname.startsWith(place.to) || (place.also !== undefined && pathname.startsWith(place.also));
            return <NavLink key={place.to} component={Link} to={place.to} label={place.label} leftSection={place.icon} active={isHere} {...(isHere ? { 'aria-current': 'page' as const } : {})} className="nav" />;
          })}
          {session.may.includes('applications') && (
            <NavLink component={Link} to="/applications/new" label="New application" leftSection={<IconApps size={18} stroke={1.6} />} className="nav" mt="md" active={false} />
          )}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1}><div className="page">{isReached.data === false && <Unreachable session={session} onRetry={() => void isReached.refetch()} />}{isClosed ? <Empty isPage title="This page is not for you">{session.principal} may not use it. Ask an administrator of {session.organization}.</Empty> : <Outlet />}</div></AppShell.Main>
      <UploadPanel />
      <Failures />
      {palette && <Suspense><Palette onClose={() => setPalette(false)} /></Suspense>}
    </AppShell>
  );
}

const useShortcuts = () => useLocalStorage({ key: 'tarn-shortcuts', defaultValue: true, getInitialValueInEffect: false });

/** Said on each page while it is so: sign-ins by a provider do not pass by the page that asks it first. */
const Unreachable = ({ session, onRetry }: { session: Session; onRetry: () => void }) => (
  <Alert color="yellow" variant="light" mb="md" title="Your browser cannot use the S3 endpoint">
    <Text size="sm">{session.s3Url} does not answer this page: files and settings cannot be shown. The address must be reached from here, by HTTPS if this page is, and the server must know this console's address (<code>--console-url</code>).</Text>
    <Button size="compact-sm" variant="default" mt="xs" onClick={onRetry}>Try again</Button>
  </Alert>
);

function Scheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label="Colours"><ActionIcon variant="subtle" color="gray" size="lg" aria-label="Colours">{isDark ? <IconMoon size={18} /> : <IconSun size={18} />}</ActionIcon></Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {([['light', 'Light', <IconSun key="l" size={15} />], ['dark', 'Dark', <IconMoon key="d" size={15} />], ['auto', 'As the system', <IconDeviceDesktop key="a" size={15} />]] as const).map(([value, label, icon]) => (
          <Menu.Item key={value} leftSection={icon} onClick={() => setColorScheme(value)} {...(colorScheme === value ? { 'aria-current': true } : {})}>{label}{colorScheme === value && <VisuallyHidden> (chosen)</VisuallyHidden>}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Account() {
  const [hasShortcuts, setShortcuts] = useShortcuts();
  const session = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  async function leave() {
    uploads.pauseAll();
    try {
      await signOut();
    } catch (error) {
      // Without an answer the session may live on: the page does not say that it ended. With one it has none, or the cookie is of another page's.
      if (!isSignedOut(error)) return tellProblem(error, 'You are still signed in');
    }
    uploads.forget();
    identity.end();
    secrets.show(null);
    forgetTold();
    tabs?.postMessage(null);
    await navigate({ to: '/sign-in', search: { to: undefined, error: undefined } });
    // All but what the sign-in page has asked for by now, which it would wait for in vain.
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== issuersQuery.queryKey[0] });
    queries.setQueryData(sessionQuery.queryKey, null);
  }
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <UnstyledButton className="account" aria-label={`Account ${session.principal}`}>{session.principal.slice(0, 1).toUpperCase()}</UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className="account-facts">
          <Text fw={600} size="sm" truncate>{session.principal}</Text>
          <Text size="xs" c="dimmed" className="break">{session.arn}</Text>
          <Text size="xs" c="dimmed">{session.isServerRoot ? 'Administers this server' : session.isRoot ? `Administers ${session.organization}` : `${session.user === null ? 'A role' : 'User'} of ${session.organization}`}</Text>
        </div>
        <Menu.Divider />
        {session.may.includes('keys') && <Menu.Item component={Link} to="/keys" leftSection={<IconKey size={15} />}>Your keys</Menu.Item>}
        <Menu.Item role="menuitemcheckbox" aria-checked={hasShortcuts} closeMenuOnClick={false} leftSection={<IconKeyboard size={15} />} onClick={() => setShortcuts(!hasShortcuts)}>Shortcuts of one letter: {hasShortcuts ? 'on' : 'off'}</Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
