import { Alert, Badge, Button, Group, Menu, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconQuestionMark, IconWorld } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '../../api/client';
import { usersQuery } from '../../api/lists';
import { useMay, useSession } from '../../api/session';
import { Confirm } from '../../components/Confirm';
import { Loaded, Section } from '../../components/Layout';
import { Problem } from '../../components/Problem';
import { Explanation } from '../../components/Explanation';
import { useSaving } from '../../components/useSaving';
import { checkPolicy, looksPublic, pretty, readyPolicies } from '../../s3/policy';
import { readAccess, reachOf } from '../../s3/access';
import { blockedAccess, readPolicy, writePolicy, writePublicAccessBlock, type PublicAccessBlock } from '../../s3/settings';

/** Who can reach the bucket: public access in one place, its policy, and what would be decided. */
export default function Access({ bucket }: { bucket: string }) {
  const mayExplain = useMay('explain');
  return (
    <>
      <PublicAccess bucket={bucket} />
      <Policy bucket={bucket} />
      {mayExplain && <Explain bucket={bucket} />}
    </>
  );
}

const switches: [keyof PublicAccessBlock, string][] = [
  ['blockPublicPolicy', 'Refuse policies that open it to everyone'], ['restrictPublicBuckets', 'Where a policy is public already, let only the owner in'],
  ['blockPublicAcls', 'Refuse access control lists that open it to everyone'], ['ignorePublicAcls', 'Ignore such lists that are there already'],
];

function PublicAccess({ bucket }: { bucket: string }) {
  const access = useQuery({ queryKey: ['bucket', bucket, 'access'], queryFn: () => readAccess(bucket) });
  const save = useSaving((next: PublicAccessBlock) => writePublicAccessBlock(bucket, next), [['bucket', bucket]]);
  return (
    <Section title="Public access" about="Whether people without credentials can reach what is in the bucket.">
      <Loaded query={access} rows={2}>
        {(facts) => {
          const { reach, by, missing, hasObjectLists } = reachOf(facts);
          const { block } = facts;
          const isBlocked = block !== null && Object.values(block).every(Boolean);
          return (
            <Stack gap="sm">
              {reach === 'public' && (
                <Alert color="red" variant="light" icon={<IconWorld size={18} />} title="This bucket is public">
                  <Text size="sm">{by.map((one) => (one === 'policy' ? 'Its policy' : 'Its access control list')).join(' and ')} {by.length > 1 ? 'let' : 'lets'} everyone in. If that is not meant, block it.</Text>
                  <Button mt="xs" size="compact-sm" color="red.8" loading={save.isPending} onClick={() => save.mutate(blockedAccess)}>Block public access now</Button>
                </Alert>
              )}
              {reach === 'unknown' && <Alert color="yellow" variant="light" icon={<IconQuestionMark size={18} />} title="Whether it is public is not known">You may not read {missing.join(', nor ')}.</Alert>}
              {reach === 'closed' && <Group gap="xs" wrap="nowrap"><IconLock size={18} style={{ flex: 'none' }} aria-hidden /><Text size="sm">{isBlocked ? 'Public access is blocked, whatever policies and lists say.' : 'Neither its policy nor its access control list opens it to everyone.'}</Text></Group>}
              {hasObjectLists && reach !== 'unknown' && <Text size="sm" c="dimmed">Lists of single objects count in this bucket, and may open these: they are not looked at here.</Text>}
              {block && switches.map(([name, label]) => <Switch key={name} size="sm" label={label} checked={block[name]} disabled={save.isPending} onChange={(e) => save.mutate({ ...block, [name]: e.currentTarget.checked })} />)}
              {save.isError && <Problem error={save.error} />}
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Policy({ bucket }: { bucket: string }) {
  const session = useSession();
  const stored = useQuery({ queryKey: ['bucket', bucket, 'policy'], queryFn: () => readPolicy(bucket) });
  const users = useQuery({ ...usersQuery(session.organization), enabled: session.may.includes('identity') });
  const save = useSaving((text: string | null) => writePolicy(bucket, stored.data ?? null, text), [['bucket', bucket]]);
  const [edited, setEdited] = useState<string | null>(null);
  const [asked, setAsked] = useState<'public' | 'remove' | null>(null);
  const [principal, setPrincipal] = useState<string | null>(null);
  const arns = users.data?.users.map((user) => ({ value: user.arn, label: user.name })) ?? [];
  return (
    <Section
      title="Policy" about="Who may do what in this bucket. What no policy allows, only its owner may."
      actions={
        <Menu position="bottom-end" width={300}>
          <Menu.Target><Button size="xs" variant="default">Ready policies</Button></Menu.Target>
          <Menu.Dropdown>
            {readyPolicies.map((ready) => (
              <Menu.Item key={ready.name} {...(ready.isPublic ? { leftSection: <IconWorld size={16} /> } : {})} onClick={() => setEdited(JSON.stringify(ready.build(bucket, principal ?? arns[0]?.value ?? `arn:aws:iam::${session.organization}:user/NAME`), null, 2))}>
                <Text size="sm">{ready.title}</Text><Text size="xs" c="dimmed">{ready.about}</Text>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      }
    >
      <Loaded query={stored}>
        {(policy) => {
          const text = edited ?? (policy === null ? '' : pretty(policy));
          const problems = text.trim() === '' ? [] : checkPolicy(text, bucket);
          const isChanged = edited !== null && edited !== pretty(policy ?? '');
          const submit = () => save.mutate(text.trim() === '' ? null : text, { onSuccess: () => setEdited(null) });
          return (
            <Stack gap="sm">
              {arns.length > 0 && <Select label="Ready policies are for" placeholder={arns[0]!.label} size="xs" maw={260} searchable limit={200} data={arns} value={principal} onChange={setPrincipal} />}
              <Textarea className="policy" aria-label="Policy" placeholder="No policy. Choose a ready one, or write one." autosize minRows={8} maxRows={28} value={text} spellCheck={false} onChange={(e) => setEdited(e.currentTarget.value)} error={problems.length > 0} />
              {problems.length > 0 && <Alert color="yellow" variant="light" p="xs" role="status">{problems.slice(0, 6).map((problem, i) => <Text key={i} size="sm">{problem.line ? `Line ${problem.line}: ` : ''}{problem.message}</Text>)}</Alert>}
              {looksPublic(text) && <Alert color="orange" variant="light" p="xs" icon={<IconAlertTriangle size={16} />}>This lets everyone in, without signing in.</Alert>}
              {save.isError && <Problem error={save.error} title="The policy was refused" />}
              <Group>
                <Button disabled={!isChanged} loading={save.isPending} onClick={() => (looksPublic(text) ? setAsked('public') : submit())}>Save</Button>
                {edited !== null && <Button variant="default" onClick={() => { setEdited(null); save.reset(); }}>Undo changes</Button>}
                {policy !== null && <Button variant="subtle" color="red" onClick={() => setAsked('remove')}>Remove the policy</Button>}
                {isChanged && <Badge variant="light" color="yellow">not saved</Badge>}
              </Group>
              <Confirm opened={asked === 'public'} onClose={() => setAsked(null)} title="Open it to everyone?" action="Make it public" onConfirm={async () => submit()}>Anyone who knows its address can do what the policy allows, without signing in.</Confirm>
              <Confirm opened={asked === 'remove'} onClose={() => setAsked(null)} title="Remove the policy?" action="Remove" onConfirm={() => save.mutateAsync(null).then(() => setEdited(null))}>Whoever has access by it alone loses it at their next request.</Confirm>
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}

const actions = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket', 's3:GetObjectVersion', 's3:GetObjectTagging', 's3:PutObjectTagging', 's3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucket'];

/** Asks what would be decided now, by the code that decides about requests. */
function Explain({ bucket }: { bucket: string }) {
  const [who, setWho] = useState('anonymous');
  const [action, setAction] = useState<string | null>('s3:GetObject');
  const [key, setKey] = useState('');
  const ask = useMutation({ mutationFn: () => call(api.POST('/api/access/explain', { body: { principal: who, action, resource: `arn:aws:s3:::${bucket}${key ? `/${key}` : ''}` } as never })) });
  return (
    <Section title="Explain" about="What would be decided now about a request, and why. The saved policy counts.">
      <form onSubmit={(e) => { e.preventDefault(); ask.mutate(); }}>
        <Group align="flex-end" gap="sm">
          <TextInput label="Who" description="ORG/USER, an ARN, an access key or anonymous" value={who} onChange={(e) => setWho(e.currentTarget.value)} flex="1 1 200px" spellCheck={false} />
          <Select label="Does" searchable data={actions} value={action} onChange={setAction} w={190} allowDeselect={false} />
          <TextInput label="With the key" placeholder="empty: the bucket" value={key} onChange={(e) => setKey(e.currentTarget.value)} flex="1 1 160px" spellCheck={false} />
          <Button type="submit" variant="default" loading={ask.isPending}>Ask</Button>
        </Group>
      </form>
      {ask.isError && <div style={{ marginTop: 12 }}><Problem error={ask.error} /></div>}
      {ask.data && <Explanation data={ask.data} />}
    </Section>
  );
}
