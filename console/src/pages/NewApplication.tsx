import { Button, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { api, call } from '../api/client';
import { useSession } from '../api/session';
import { PageHead } from '../components/Layout';
import { Problem } from '../components/Problem';
import { secrets } from '../components/secrets';
import { Snippets } from '../components/Snippets';
import { nameProblem } from './Buckets';

/** A bucket, a user with a key and a policy for both, in one step. */
export function NewApplication() {
  const session = useSession();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [bucket, setBucket] = useState('');
  const [access, setAccess] = useState<string | null>('read-write');
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => call(api.POST('/api/applications', { body: { name, access, endpointUrl: session.s3Url ?? undefined, ...(bucket ? { bucket } : {}) } as never })),
    onSuccess: (made) => {
      secrets.show({
        title: `${made.name} is ready`, items: [['Access key', made.accessKey], ['Secret key', made.secretKey], ['Endpoint', made.endpointUrl], ['Region', made.region], ['Bucket', made.bucket]],
        more: <Snippets endpoint={made.endpointUrl} region={made.region} bucket={made.bucket} accessKey={made.accessKey} secretKey={made.secretKey} />,
      });
      void navigate({ to: '/buckets/$bucket', params: { bucket: made.bucket }, search: { prefix: undefined, find: undefined, flat: undefined } });
      void queries.invalidateQueries({ queryKey: ['buckets'] });
      void queries.invalidateQueries({ queryKey: ['users'] });
    },
  });
  const problem = bucket ? nameProblem(bucket) : name ? nameProblem(name) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <>
      <PageHead title="New application" about="Makes a bucket, a user with a key, and a policy that lets this user use this bucket and nothing else. All of it or nothing." />
      <Paper withBorder p="md" maw={520}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput label="Name of the application" description="Its user is called so." value={name} onChange={(e) => setName(e.currentTarget.value)} required autoFocus autoComplete="off" spellCheck={false} error={!bucket ? problem : null} />
            <TextInput label="Bucket" placeholder={name || 'as the application'} value={bucket} onChange={(e) => setBucket(e.currentTarget.value)} autoComplete="off" spellCheck={false} error={bucket ? problem : null} />
            <Select label="It may" data={[{ value: 'read-write', label: 'Read, write and delete' }, { value: 'read-only', label: 'Read only' }, { value: 'write-only', label: 'Write only' }]} value={access} onChange={setAccess} allowDeselect={false} />
            {create.isError && <Problem error={create.error} />}
            <div><Button type="submit" loading={create.isPending} disabled={!name || problem !== null}>Create</Button></div>
            <Text size="xs" c="dimmed">To remove it later, delete the user and the bucket.</Text>
          </Stack>
        </form>
      </Paper>
    </>
  );
}
