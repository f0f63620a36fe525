import { Button, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { endpointOf, useSession } from '../../api/session';
import { Facts, Section } from '../../components/Layout';
import { Snippets } from '../../components/Snippets';
import { Copyable } from '../../components/Text';

export default function Connect({ bucket }: { bucket: string }) {
  const session = useSession();
  return (
    <>
      <Section title="Addresses">
        <Facts items={[['Endpoint', <Copyable key="e" value={endpointOf(session)} />], ['Region', <Copyable key="r" value={session.region} />], ['Bucket', <Copyable key="b" value={bucket} />], ['ARN', <Copyable key="a" value={`arn:aws:s3:::${bucket}`} />], ['Addressing', 'path style']]} />
      </Section>
      <Section
        title="From a program" about="Put a key of your own where ACCESS_KEY and SECRET_KEY are."
        actions={<Group gap="xs"><Button size="xs" variant="default" component={Link} to="/keys">Make a key</Button>{session.may.includes('applications') && <Button size="xs" variant="default" component={Link} to="/applications/new">New application</Button>}</Group>}
      >
        <Snippets endpoint={endpointOf(session)} region={session.region} bucket={bucket} />
      </Section>
    </>
  );
}
