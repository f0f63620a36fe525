import { Anchor, Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense, type ComponentType } from 'react';
import { useMay } from '../../api/session';
import { Centered, Empty, PageHead } from '../../components/Layout';
import { SettingsPage } from '../../components/SettingsPage';

type Part = ComponentType<{ bucket: string }>;
const parts: Record<string, Part> = {
  overview: lazy(() => import('./Overview')),
  access: lazy(() => import('./Access')),
  versions: lazy(() => import('./Basics').then((m) => ({ default: m.VersioningPart }))),
  lifecycle: lazy(() => import('./Lifecycle')),
  cors: lazy(() => import('./Cors')),
  tags: lazy(() => import('./Basics').then((m) => ({ default: m.TagsPart }))),
  ownership: lazy(() => import('./Basics').then((m) => ({ default: m.OwnershipPart }))),
  logging: lazy(() => import('./Basics').then((m) => ({ default: m.LoggingPart }))),
  uploads: lazy(() => import('./Unfinished')),
  links: lazy(() => import('../Shares').then((m) => ({ default: m.BucketLinks }))),
  connect: lazy(() => import('./Connect')),
};
const sections: [string, string][] = [
  ['overview', 'Overview'], ['connect', 'Connect'], ['access', 'Access'], ['links', 'Links'], ['versions', 'Versions'], ['lifecycle', 'Lifecycle'], ['cors', 'CORS'], ['tags', 'Tags'], ['ownership', 'Ownership'], ['logging', 'Logging'], ['uploads', 'Unfinished uploads'],
];

export function BucketSettings() {
  const { bucket, section } = useParams({ from: '/app/buckets/$bucket/settings/$section' });
  const mayShare = useMay('shares');
  const Shown = Object.hasOwn(parts, section) ? parts[section] : undefined;
  return (
    <>
      <PageHead
        title={bucket}
        trail={[<Anchor key="b" component={Link} to="/buckets">Buckets</Anchor>, <Anchor key="n" component={Link} to="/buckets/$bucket" params={{ bucket } as never}>{bucket}</Anchor>]}
        actions={<Button variant="default" component={Link} to="/buckets/$bucket" params={{ bucket } as never}>Files</Button>}
      />
      <SettingsPage label={`Settings of ${bucket}`} sections={sections.filter(([name]) => name !== 'links' || mayShare)} current={section} link={(name) => ({ to: '/buckets/$bucket/settings/$section', params: { bucket, section: name } })}>
        {Shown ? <Suspense fallback={<Centered />}><Shown key={bucket} bucket={bucket} /></Suspense> : <Empty title="There is no such setting">Choose one of the list.</Empty>}
      </SettingsPage>
    </>
  );
}
