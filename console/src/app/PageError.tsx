import { Anchor, Button, Container, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Empty } from '../components/Layout';
import { Problem } from '../components/Problem';

/** What is shown in place of a page that failed. */
export function PageError({ error, reset }: { error: unknown; reset?: () => void }) {
  const isOld = error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  return (
    <Container size="sm" py="xl">
      {isOld ? (
        <Empty isPage title="The console was updated" action={<Button onClick={() => window.location.reload()}>Load the new one</Button>}>
          This page belongs to the version before.
        </Empty>
      ) : (
        <Problem error={error} title="This page failed" {...(reset ? { onRetry: reset } : {})} />
      )}
    </Container>
  );
}

export function PageNotFound() {
  return (
    <Container size="sm" py="xl">
      <Empty isPage title="There is no such page" action={<Anchor component={Link} to="/">To the buckets</Anchor>}>
        <Text size="sm">The address may be mistyped, or of another version of the console.</Text>
      </Empty>
    </Container>
  );
}
