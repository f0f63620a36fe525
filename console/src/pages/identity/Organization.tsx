import { Anchor, Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, done } from '../../api/client';
import { useSession } from '../../api/session';
import { Confirm } from '../../components/Confirm';
import { Empty, Facts, Loaded, PageHead, Section } from '../../components/Layout';
import { SettingsPage } from '../../components/SettingsPage';
import { Copyable, Time } from '../../components/Text';
import { Keys } from './Keys';
import { Policies } from './Policies';
import { Roles } from './Roles';
import { Tokens } from './Tokens';
import { Users } from './Users';

const sections: [string, string][] = [['users', 'Users and groups'], ['keys', 'Access keys'], ['tokens', 'API tokens'], ['policies', 'Policies'], ['roles', 'Roles'], ['about', 'About']];

export function Organization() {
  const { organization, section } = useParams({ from: '/app/identity/$organization/$section' });
  const session = useSession();
  const isServer = session.may.includes('organizations');
  const parts: Record<string, React.ReactNode> = {
    users: <Users organization={organization} />, keys: <Keys organization={organization} />, tokens: <Tokens organization={organization} />, policies: <Policies organization={organization} />, roles: <Roles organization={organization} />, about: <About organization={organization} />,
  };
  return (
    <>
      <PageHead title={organization} {...(isServer ? { trail: [<Anchor key="i" component={Link} to="/identity">Identity</Anchor>] } : {})} />
      <SettingsPage label={`Identity of ${organization}`} sections={sections} current={section} link={(name) => ({ to: '/identity/$organization/$section', params: { organization, section: name } })}>
        <div key={organization}>{(Object.hasOwn(parts, section) ? parts[section] : undefined) ?? <Empty title="There is no such section">Choose one of the list.</Empty>}</div>
      </SettingsPage>
    </>
  );
}

function About({ organization }: { organization: string }) {
  const session = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isAsked, setAsked] = useState(false);
  const path = { params: { path: { organization } } };
  const query = useQuery({ queryKey: ['organization', organization], queryFn: () => call(api.GET('/api/organizations/{organization}', path)) });
  return (
    <>
      <Section title="About">
        <Loaded query={query}>
          {(data) => <Facts items={[['Name', data.name], ['Title', data.displayName], ['E-mail', data.email ?? 'none'], ['ARN of its root user', <Copyable key="a" value={data.arn} />], ['Canonical user id', <Copyable key="c" value={data.canonicalId} />], ['Created', <Time key="t" at={data.created} />]]} />}
        </Loaded>
      </Section>
      {session.may.includes('organizations') && organization !== 'root' && <Section title="Remove" about="An organization that owns buckets or disks is not deleted."><Button variant="light" color="red" onClick={() => setAsked(true)}>Delete the organization</Button></Section>}
      <Confirm
        opened={isAsked} onClose={() => setAsked(false)} title={`Delete ${organization}?`} action="Delete" type={organization}
        onConfirm={async () => {
          await done(api.DELETE('/api/organizations/{organization}', path));
          await queries.invalidateQueries({ queryKey: ['organizations'] });
          await navigate({ to: '/identity' });
        }}
      >
        Its users, keys, tokens and policies are deleted with it.
      </Confirm>
    </>
  );
}
