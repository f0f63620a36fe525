import { Alert, Button, Group, Radio, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { bucketNamesQuery } from '../../api/lists';
import { visible } from '../../app/format';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Loaded, Section } from '../../components/Layout';
import { Problem } from '../../components/Problem';
import { TagEditor, TagList } from '../../components/TagEditor';
import { useSaving } from '../../components/useSaving';
import { readLogging, readOwnership, readTags, readVersioning, writeLogging, writeOwnership, writeTags, writeVersioning, type Logging, type Ownership, type Tag } from '../../s3/settings';

export function VersioningPart({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'versioning'];
  const query = useQuery({ queryKey: key, queryFn: () => readVersioning(bucket) });
  const save = useSaving((isOn: boolean) => writeVersioning(bucket, isOn), [key, ['buckets']]);
  const [isAsked, setAsked] = useState(false);
  return (
    <Section title="Versions" about="Keeps what is overwritten or deleted, so that it can be brought back.">
      <Loaded query={query} rows={1}>
        {(state) => (
          <Stack gap="sm">
            <Switch label={state === 'enabled' ? 'Versions are kept' : state === 'suspended' ? 'Suspended: old versions stay, no new ones are made' : 'Versions are not kept'} checked={state === 'enabled'} disabled={save.isPending} onChange={(e) => (e.currentTarget.checked ? save.mutate(true) : setAsked(true))} />
            {state === 'never' && <Text size="sm" c="dimmed">Once turned on it can be suspended, and not turned off: versions take room until a lifecycle rule removes them.</Text>}
            {save.isError && <Problem error={save.error} />}
          </Stack>
        )}
      </Loaded>
      <Confirm opened={isAsked} onClose={() => setAsked(false)} title="Suspend versions?" action="Suspend" onConfirm={() => save.mutateAsync(false)}>From now on, what is overwritten is lost. Versions that are there stay.</Confirm>
    </Section>
  );
}

export function TagsPart({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'tags'];
  const query = useQuery({ queryKey: key, queryFn: () => readTags(bucket) });
  const save = useSaving((tags: Tag[]) => writeTags(bucket, tags), [key]);
  const [edited, setEdited] = useState<Tag[] | null>(null);
  return (
    <Section title="Tags" about="Names and values, for people and programs that sort buckets." actions={query.data && <Button size="xs" variant="default" onClick={() => setEdited(query.data)}>Edit</Button>}>
      <Loaded query={query} rows={1}>{(tags) => <TagList tags={tags} />}</Loaded>
      <FormModal opened={edited !== null} onClose={() => setEdited(null)} title="Edit tags" action="Save" isValid={(edited ?? []).every((tag) => tag.key !== '')} onSubmit={() => save.mutateAsync(edited ?? [])}>
        {edited && <TagEditor tags={edited} onChange={setEdited} />}
      </FormModal>
    </Section>
  );
}

export function OwnershipPart({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'ownership'];
  const query = useQuery({ queryKey: key, queryFn: () => readOwnership(bucket) });
  const save = useSaving((ownership: Ownership) => writeOwnership(bucket, ownership), [key]);
  return (
    <Section title="Object ownership" about="Who owns what others write into this bucket, and whether access control lists count.">
      <Loaded query={query} rows={2}>
        {(ownership) => (
          <Stack gap="sm">
            <Radio.Group value={ownership ?? ''} onChange={(value) => save.mutate(value as Ownership)}>
              <Stack gap="sm">
                <Radio value="BucketOwnerEnforced" label="The bucket's owner owns everything" description="Access control lists are off; policies alone decide. Recommended." disabled={save.isPending} />
                <Radio value="BucketOwnerPreferred" label="The bucket's owner, where the writer agrees" description="Objects written with the list bucket-owner-full-control." disabled={save.isPending} />
                <Radio value="ObjectWriter" label="Whoever writes an object owns it" description="Access control lists count." disabled={save.isPending} />
              </Stack>
            </Radio.Group>
            {save.isError && <Problem error={save.error} />}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

export function LoggingPart({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'logging'];
  const query = useQuery({ queryKey: key, queryFn: () => readLogging(bucket) });
  const buckets = useQuery(bucketNamesQuery);
  const save = useSaving((logging: Logging | null) => writeLogging(bucket, logging), [key]);
  const [edited, setEdited] = useState<Logging | null>(null);
  return (
    <Section title="Access logging" about="Writes a line about each request to this bucket into objects of another bucket.">
      <Loaded query={query} rows={2}>
        {(now) => {
          const shown = edited ?? now ?? { target: '', prefix: `${bucket}/` };
          return (
            <Stack gap="sm" maw={460}>
              {now ? <Text size="sm">On: to <b>{now.target}</b>{now.prefix && <> under <b>{visible(now.prefix)}</b></>}.</Text> : <Text size="sm" c="dimmed">Off.</Text>}
              <Select label="To bucket" searchable limit={200} placeholder="Choose a bucket" data={buckets.data?.buckets.map((b) => b.name).filter((name) => name !== bucket) ?? []} value={shown.target || null} onChange={(target) => setEdited({ ...shown, target: target ?? '' })} />
              <TextInput label="Prefix of the objects" value={shown.prefix} onChange={(e) => setEdited({ ...shown, prefix: e.currentTarget.value })} />
              <Alert variant="light" color="gray" p="xs">That bucket must let the service <code>logging.s3.amazonaws.com</code> write; its policy says so.</Alert>
              {save.isError && <Problem error={save.error} />}
              <Group><Button disabled={!shown.target || edited === null} loading={save.isPending} onClick={() => save.mutate(shown, { onSuccess: () => setEdited(null) })}>Save</Button>{now && <Button variant="default" onClick={() => save.mutate(null)}>Turn off</Button>}</Group>
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}
