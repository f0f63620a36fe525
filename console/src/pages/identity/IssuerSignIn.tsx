import { Button, Checkbox, Group, Input, PasswordInput, Select, TagsInput, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '../../api/client';
import { trustedIssuersQuery, rolesQuery } from '../../api/lists';
import { issuersQuery } from '../../api/session';
import { FormModal } from '../../components/FormModal';
import { Snippet } from '../../components/Text';
import { useSaving } from '../../components/useSaving';

/** How people sign in to the console with an issuer. The client's secret is never read: it stays where none is typed. */
export function IssuerSignIn({ issuer, onClose, onStop }: { issuer: Schemas['IssuerView']; onClose: () => void; onStop: () => void }) {
  const { organization, name, console: was } = issuer;
  const roles = useQuery(rolesQuery(organization));
  const [clientId, setClientId] = useState(was?.clientId ?? (issuer.audiences.length === 1 ? issuer.audiences[0]! : ''));
  const [secret, setSecret] = useState('');
  const [isPublic, setPublic] = useState(false);
  const [title, setTitle] = useState(was?.title ?? '');
  const [scopes, setScopes] = useState(was?.scopes ?? []);
  const [role, setRole] = useState<string | null>(was?.role ?? null);
  const hasSecret = was?.hasClientSecret === true && was.clientId === clientId;
  const isRemoved = hasSecret && isPublic;
  const save = useSaving(() => call(api.PUT('/api/issuers/{name}/console', {
    params: { path: { name }, query: { organization } },
    body: { clientId, clientSecret: isRemoved ? '' : secret || null, title: title.trim() || null, scopes: scopes.length > 0 ? scopes : null, role },
  })), [trustedIssuersQuery(organization).queryKey, issuersQuery.queryKey]);
  const names = new Set([...(roles.data?.roles.filter((one) => one.issuer === name).map((one) => one.name) ?? []), ...(role ? [role] : [])]);
  return (
    <FormModal opened onClose={onClose} title={`Signing in with ${name}`} action="Save" isValid={clientId.trim() !== ''} onSubmit={() => save.mutateAsync(undefined)}>
      <Input.Wrapper labelElement="div" label="Redirect URI" description="For the client of the kind “web application” at the issuer, exactly. It begins with the server's --console-url.">
        <Snippet label="Redirect URI" text={`${window.location.origin}/api/session/oidc/${organization}/${name}/callback`} />
      </Input.Wrapper>
      <TextInput label="Client id" required withAsterisk={false} value={clientId} onChange={(e) => setClientId(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
      <PasswordInput
        label="Client secret" description={hasSecret ? 'There is one. Empty: it stays.' : 'Empty for a public client.'} value={secret} onChange={(e) => setSecret(e.currentTarget.value)}
        disabled={isRemoved} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': 'Show the secret' }}
      />
      {hasSecret && <Checkbox label="Remove the secret" checked={isPublic} onChange={(e) => setPublic(e.currentTarget.checked)} />}
      <TextInput label="Title" description={`What people read where they sign in. Empty: ${name}.`} value={title} onChange={(e) => setTitle(e.currentTarget.value)} autoComplete="off" />
      <TagsInput label="Scopes" description="Asked for with openid. Enter after each. None: profile and email." value={scopes} onChange={setScopes} />
      <Select label="Role" placeholder="the first, by name, that the token may assume" data={[...names]} value={role} onChange={setRole} clearable clearButtonProps={{ 'aria-label': 'No role in particular' }} />
      {was && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">Signing in with it is on.</Text>
          <Button variant="subtle" color="red" size="compact-sm" onClick={onStop}>Turn it off…</Button>
        </Group>
      )}
    </FormModal>
  );
}
