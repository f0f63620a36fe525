import { Spotlight, spotlight, type SpotlightActionData } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { IconActivity, IconApps, IconArchive, IconBolt, IconFile, IconKey, IconListCheck, IconPlus, IconSearch, IconServer2, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { bucketNamesQuery, disksQuery } from '../api/lists';
import { useSession, type Feature } from '../api/session';

/** Everywhere one can go, by typing a part of its name. A request id or `bucket/key` leads there too. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const buckets = useQuery({ ...bucketNamesQuery, enabled: session.may.includes('buckets') });
  const disks = useQuery({ ...disksQuery, enabled: session.may.includes('disks') });
  useEffect(() => {
    spotlight.open();
  }, []);

  const go = (to: string, params: Record<string, string> = {}, search: Record<string, string> = {}) => () => void navigate({ to, params, search } as never);
  const may = (feature: Feature) => session.may.includes(feature);
  const actions: SpotlightActionData[] = [];
  const [bucket, ...rest] = text.split('/');
  if (/^[0-9A-F]{16}$/i.test(text.trim())) actions.push({ id: 'request', label: `Request ${text.trim().toUpperCase()}`, description: 'What happened, and why', leftSection: <IconActivity size={18} />, onClick: go('/activity/requests/$id', { id: text.trim().toUpperCase() }) });
  if (bucket && rest.length > 0 && buckets.data?.buckets.some((b) => b.name === bucket)) {
    const key = rest.join('/');
    actions.push({ id: 'prefix', label: text, description: key.endsWith('/') || key === '' ? 'Open this folder' : 'What begins with this', leftSection: <IconSearch size={18} />, onClick: go('/buckets/$bucket', { bucket }, { prefix: key.slice(0, key.lastIndexOf('/') + 1), find: key.slice(key.lastIndexOf('/') + 1) }) });
    if (key !== '' && !key.endsWith('/')) actions.push({ id: 'object', label: text, description: 'Open this object', leftSection: <IconFile size={18} />, onClick: go('/buckets/$bucket/object', { bucket }, { key }) });
  }
  const pages: [Feature, string, string, JSX][] = [
    ['buckets', 'Buckets', '/buckets', <IconArchive key="b" size={18} />], ['disks', 'Disks', '/disks', <IconServer2 key="d" size={18} />], ['jobs', 'Jobs', '/jobs', <IconListCheck key="j" size={18} />],
    ['requests', 'Activity', '/activity', <IconActivity key="a" size={18} />], ['requests', 'Recent requests', '/activity/requests', <IconActivity key="r" size={18} />],
    ['status', 'Background work', '/activity/background', <IconActivity key="w" size={18} />], ['accelerators', 'Accelerators', '/accelerators', <IconBolt key="x" size={18} />], ['identity', 'Identity', '/identity', <IconUsers key="i" size={18} />], ['keys', 'Your keys', '/keys', <IconKey key="k" size={18} />],
    ['applications', 'New application', '/applications/new', <IconApps key="n" size={18} />],
  ];
  for (const [feature, label, to, icon] of pages) if (may(feature)) actions.push({ id: `page ${to}`, label, leftSection: icon, onClick: go(to) });
  if (may('createBucket')) actions.push({ id: 'new bucket', label: 'New bucket', leftSection: <IconPlus size={18} />, onClick: go('/buckets', {}, { new: '1' }) });
  for (const b of buckets.data?.buckets ?? []) actions.push({ id: `bucket ${b.name}`, label: b.name, description: 'Bucket', leftSection: <IconArchive size={18} />, onClick: go('/buckets/$bucket', { bucket: b.name }), keywords: [b.ownerName] });
  for (const d of disks.data?.disks ?? []) actions.push({ id: `disk ${d.id}`, label: d.name, description: `Disk ${d.id}`, leftSection: <IconServer2 size={18} />, onClick: go('/disks/$disk', { disk: d.id }) });

  return (
    <Spotlight
      actions={actions} query={text} onQueryChange={setText} onSpotlightClose={onClose} limit={12} nothingFound="Nothing has this in its name. Type bucket/prefix to look inside a bucket."
      searchProps={{ leftSection: <IconSearch size={18} />, placeholder: 'A page, a bucket, bucket/prefix, or a request id', 'aria-label': 'Go to' }}
    />
  );
}

type JSX = React.ReactElement;
