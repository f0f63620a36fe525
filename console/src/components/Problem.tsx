import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '../api/client';
import { router } from '../app/router';
import { useMaybeSession } from '../app/useMaybeSession';
import { Copyable } from './Text';

/** What to do about the refusals that people meet most. */
const advice: Record<string, string> = {
  AccessDenied: 'Your key may not do this.',
  NoSuchBucket: 'There is no bucket of this name, or it was deleted.',
  NotFound: 'There is nothing of this name. It may have been deleted or renamed.',
  NoSuchKey: 'There is no object of this name. It may have been deleted or renamed.',
  NoSuchVersion: 'This version was deleted.',
  MethodNotAllowed: 'This place cannot be changed like that.',
  SlowDown: 'The server is busy. Try again in a moment.',
  QuotaExceeded: 'The storage is full.',
  BucketNotEmpty: 'The bucket still holds objects, versions or uploads. Empty it first.',
  BucketAlreadyExists: 'Somebody else has a bucket of this name. Choose another.',
};

export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return (error.code && advice[error.code]) || error.message;
  return error instanceof Error ? error.message : String(error);
}

/** What happened, the request's id, and one click from why. Bare, it is for a place that has a frame and a title. */
export function Problem({ error, title = 'This did not work', onRetry, onLeave, isBare = false }: { error: unknown; title?: string; onRetry?: () => void; onLeave?: () => void; isBare?: boolean }) {
  const isSignedIn = useMaybeSession() !== null;
  const known = error instanceof ApiError ? error : null;
  const message = messageOf(error);
  const body = (
    <>
      <Text size="sm">{message}</Text>
      {known?.code && known.message !== message && !known.message.startsWith('S3 answered') && <Text size="sm" c="dimmed">{known.code}: {known.message}</Text>}
      <Group gap="sm" mt={4}>
        {known?.requestId && (
          <Group gap={4} wrap="nowrap">
            <Text size="xs" c="dimmed">Request</Text>
            <Copyable value={known.requestId} />
          </Group>
        )}
        {isSignedIn && known?.isExplained && (
          // Not by the router's own link: this is shown outside of it too.
          <Button size="compact-xs" variant="default" onClick={() => { onLeave?.(); void router.navigate({ to: '/activity/requests/$id', params: { id: known.requestId! } }); }}>
            {known.status === 403 ? 'Why was this denied?' : 'What happened?'}
          </Button>
        )}
        {onRetry && <Button size="compact-xs" variant="default" onClick={onRetry}>Try again</Button>}
      </Group>
    </>
  );
  if (isBare) return <div role="alert">{body}</div>;
  return <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={title} role="alert">{body}</Alert>;
}
