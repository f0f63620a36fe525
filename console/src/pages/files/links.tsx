import { Anchor, Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../../api/client';
import { copyText } from '../../app/clipboard';
import { dateTime, visible } from '../../app/format';
import { Problem } from '../../components/Problem';
import { Snippet } from '../../components/Text';
import { presign, s3, type S3Call } from '../../s3/client';
import { settingsLink, type Place } from './place';

/**
 * Has the browser download an object, by a URL that is made at the click and lives for minutes. It is asked for first, so that a refusal is
 * shown here; and it goes into a hidden frame, so that what fails later does not take the place of the page.
 */
export async function download(bucket: string, key: string, version?: string) {
  const call = getting(bucket, key, version, 'attachment');
  await s3({ method: 'HEAD', bucket, key, ...(version ? { query: { versionId: version } } : {}) });
  const { url } = await presign(call);
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'Download';
  frame.setAttribute('sandbox', 'allow-downloads');
  frame.referrerPolicy = 'no-referrer';
  frame.src = url;
  document.body.append(frame);
  // The download has gone to the browser by then.
  setTimeout(() => frame.remove(), 120_000);
}

export function getting(bucket: string, key: string, version?: string, disposition?: 'attachment' | 'inline', type?: string): S3Call {
  const query: Record<string, string> = {};
  if (version) query.versionId = version;
  if (disposition) query['response-content-disposition'] = disposition === 'inline' ? 'inline' : `attachment; filename*=UTF-8''${rfc5987(key.split('/').pop() || 'object')}`;
  if (type) query['response-content-type'] = type;
  return { method: 'GET', bucket, key, query };
}

const rfc5987 = (name: string) => encodeURIComponent(name).replace(/['()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

/** Copies a link; where the browser does not let a page copy, the text is returned to be shown. */
export async function copyPresigned(bucket: string, key: string, version?: string): Promise<string | null> {
  const { url } = await presign({ ...getting(bucket, key, version), expiresIn: 900 });
  if (!(await copyText(url))) return url;
  notifications.show({ title: 'Copied', message: 'The link works for 15 minutes. For longer, share it.' });
  return null;
}

const times = [{ value: '3600', label: '1 h' }, { value: '28800', label: '8 h' }, { value: '86400', label: '24 h' }, { value: '604800', label: '7 d' }, { value: 'own', label: 'Other' }];
const units: Record<string, number> = { minutes: 60, hours: 3600, days: 86_400 };

/** Makes a link for people without credentials. */
export function ShareDialog({ place, objectKey, version, onClose }: { place: Place; objectKey: string; version?: string | undefined; onClose: () => void }) {
  const [time, setTime] = useState('86400');
  const [own, setOwn] = useState<number | string>(2);
  const [unit, setUnit] = useState<string | null>('days');
  const queries = useQueryClient();
  const seconds = time === 'own' ? Number(own) * (units[unit ?? 'days'] ?? 86_400) : Number(time);
  const isValid = seconds >= 1 && seconds <= 604_800 && Number.isInteger(seconds);
  const work = useMutation({
    mutationFn: () =>
      place.kind === 'disk'
        ? call(api.POST('/api/disks/{id}/share', { params: { path: { id: place.bucket } }, body: { key: objectKey, expiresIn: seconds } }))
        : call(api.POST('/api/shares', { body: { bucket: place.bucket, key: objectKey, expiresIn: seconds, ...(version ? { versionId: version } : {}) } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['shares', place.bucket] }),
  });
  return (
    <Modal opened onClose={onClose} title="Share" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Text size="sm" className="break">Anyone with the link can read <b>{visible(objectKey)}</b>{version ? ', this version,' : ''} without signing in, until it expires or you revoke it.</Text>
        {!work.data && (
          <>
            <SegmentedControl fullWidth data={times} value={time} onChange={setTime} aria-label="How long" />
            {time === 'own' && (
              <Group grow align="flex-end">
                <NumberInput label="For" min={1} allowDecimal={false} value={own} onChange={setOwn} />
                <Select label="Unit" data={Object.keys(units)} value={unit} onChange={setUnit} allowDeselect={false} />
              </Group>
            )}
            {!isValid && <Text size="sm" c="red">A link lives at most 7 days.</Text>}
            <Button onClick={() => work.mutate()} loading={work.isPending} disabled={!isValid} data-autofocus>Make a link</Button>
          </>
        )}
        {work.isError && <Problem error={work.error} />}
        {work.data && (
          <>
            <Snippet text={work.data.url} label="link" />
            <Text size="sm" c="dimmed">Until {dateTime(work.data.expiresAt)}. The link is shown only now; it is revoked among the <Anchor component={Link} {...settingsLink(place, 'links')} inherit>links of {place.title}</Anchor>.</Text>
          </>
        )}
      </Stack>
    </Modal>
  );
}
