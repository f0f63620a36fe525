import { useSession } from '../../api/session';
import { PageHead } from '../../components/Layout';
import { Keys, useIsLimited } from './Keys';
import { Tokens } from './Tokens';

export function OwnKeys() {
  const session = useSession();
  const isLimited = useIsLimited();
  return (
    <>
      <PageHead title="Your keys" about={isLimited ? 'You are signed in with a key that has a policy: it makes and changes no keys.' : `For programs that work as ${session.principal}.`} />
      <Keys organization={session.organization} user={session.user} mayChange={isLimited === false} />
      {isLimited === false && <Tokens organization={session.organization} mayCreate={session.isRoot} />}
    </>
  );
}
