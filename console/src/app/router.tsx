import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { sessionQuery } from '../api/session';
import { Centered } from '../components/Layout';
import { PageError, PageNotFound } from './PageError';
import { queries } from './queries';
import { parseSearch, stringifySearch } from './search';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRoute({ component: Outlet, errorComponent: PageError, notFoundComponent: PageNotFound });

const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string | undefined; error?: string | undefined; reason?: string | undefined; request?: string | undefined } => ({ to: text(search.to), error: text(search.error), reason: text(search.reason), request: text(search.request) }),
  component: lazyRouteComponent(() => import('../pages/SignIn'), 'SignIn'),
});

const app = createRoute({
  getParentRoute: () => root, id: 'app',
  beforeLoad: async ({ location }) => {
    const session = await queries.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: { to: location.href === '/' ? undefined : location.href, error: undefined } });
  },
  component: lazyRouteComponent(() => import('./Shell'), 'Shell'),
});

const place = (search: Record<string, unknown>): { prefix?: string | undefined; find?: string | undefined; flat?: string | undefined } => ({ prefix: text(search.prefix), find: text(search.find), flat: text(search.flat) });
const object = (search: Record<string, unknown>): { key: string; version?: string | undefined } => ({ key: typeof search.key === 'string' ? search.key : '', version: text(search.version) });
const filters = (search: Record<string, unknown>): { bucket?: string | undefined; operation?: string | undefined; status?: string | undefined } => ({ bucket: text(search.bucket), operation: text(search.operation), status: text(search.status) });

const home = createRoute({ getParentRoute: () => app, path: '/', beforeLoad: () => { throw redirect({ to: '/buckets' }); } });
const buckets = createRoute({
  getParentRoute: () => app, path: '/buckets', validateSearch: (search: Record<string, unknown>): { new?: string | undefined; find?: string | undefined } => ({ new: text(search.new), find: text(search.find) }),
  component: lazyRouteComponent(() => import('../pages/Buckets'), 'Buckets'),
});
const bucketFiles = createRoute({ getParentRoute: () => app, path: '/buckets/$bucket', validateSearch: place, component: lazyRouteComponent(() => import('../pages/Files'), 'BucketFiles') });
const bucketObject = createRoute({ getParentRoute: () => app, path: '/buckets/$bucket/object', validateSearch: object, component: lazyRouteComponent(() => import('../pages/ObjectPage'), 'BucketObject') });
const bucketSettings = createRoute({ getParentRoute: () => app, path: '/buckets/$bucket/settings/$section', component: lazyRouteComponent(() => import('../pages/bucket/Settings'), 'BucketSettings') });
const disks = createRoute({
  getParentRoute: () => app, path: '/disks', validateSearch: (search: Record<string, unknown>): { new?: string | undefined } => ({ new: text(search.new) }), component: lazyRouteComponent(() => import('../pages/Disks'), 'Disks'),
});
const diskFiles = createRoute({ getParentRoute: () => app, path: '/disks/$disk', validateSearch: place, component: lazyRouteComponent(() => import('../pages/Files'), 'DiskFiles') });
const diskObject = createRoute({ getParentRoute: () => app, path: '/disks/$disk/object', validateSearch: object, component: lazyRouteComponent(() => import('../pages/ObjectPage'), 'DiskObject') });
const diskSettings = createRoute({ getParentRoute: () => app, path: '/disks/$disk/settings/$section', component: lazyRouteComponent(() => import('../pages/DiskSettings'), 'DiskSettings') });
const jobs = createRoute({ getParentRoute: () => app, path: '/jobs', component: lazyRouteComponent(() => import('../pages/Jobs'), 'Jobs') });
const job = createRoute({ getParentRoute: () => app, path: '/jobs/$id', component: lazyRouteComponent(() => import('../pages/Jobs'), 'JobPage') });
const activity = createRoute({ getParentRoute: () => app, path: '/activity', component: lazyRouteComponent(() => import('../pages/Activity'), 'Activity') });
const requests = createRoute({ getParentRoute: () => app, path: '/activity/requests', validateSearch: filters, component: lazyRouteComponent(() => import('../pages/Requests'), 'Requests') });
const request = createRoute({ getParentRoute: () => app, path: '/activity/requests/$id', component: lazyRouteComponent(() => import('../pages/Requests'), 'RequestPage') });
const background = createRoute({ getParentRoute: () => app, path: '/activity/background', component: lazyRouteComponent(() => import('../pages/Background'), 'Background') });
const damaged = createRoute({ getParentRoute: () => app, path: '/activity/damaged', component: lazyRouteComponent(() => import('../pages/Background'), 'Damaged') });
const accelerators = createRoute({ getParentRoute: () => app, path: '/accelerators', component: lazyRouteComponent(() => import('../pages/Accelerators'), 'Accelerators') });
const organizations = createRoute({ getParentRoute: () => app, path: '/identity', component: lazyRouteComponent(() => import('../pages/identity/Organizations'), 'Organizations') });
const organization = createRoute({ getParentRoute: () => app, path: '/identity/$organization/$section', component: lazyRouteComponent(() => import('../pages/identity/Organization'), 'Organization') });
const keys = createRoute({ getParentRoute: () => app, path: '/keys', component: lazyRouteComponent(() => import('../pages/identity/OwnKeys'), 'OwnKeys') });
const application = createRoute({ getParentRoute: () => app, path: '/applications/new', component: lazyRouteComponent(() => import('../pages/NewApplication'), 'NewApplication') });

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    app.addChildren([
      home, buckets, bucketFiles, bucketObject, bucketSettings, disks, diskFiles, diskObject, diskSettings, jobs, job, activity, requests, request, background, damaged,
      accelerators, organizations, organization, keys, application,
    ]),
  ]),
  parseSearch, stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Centered,
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
