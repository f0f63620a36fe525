import { Button, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { visible } from '../../app/format';
import { FormModal } from '../../components/FormModal';
import { Facts, Loaded, Section } from '../../components/Layout';
import { TagEditor, TagList } from '../../components/TagEditor';
import { replaceMetadata, type ObjectFacts } from '../../s3/object';
import { readObjectTags, writeObjectTags, type Tag } from '../../s3/settings';
import type { Place } from './place';

const headers: [string, string][] = [['cache-control', 'Cache-Control'], ['content-disposition', 'Content-Disposition'], ['content-encoding', 'Content-Encoding'], ['content-language', 'Content-Language'], ['expires', 'Expires']];

/** What such a copy is, by what the bucket keeps. */
const saved: Record<Place['versioning'], string> = { enabled: ', a new version', suspended: ', as the version null, which it replaces where there is one', never: '', unknown: '' };

export function MetadataSection({ bucket, versioning, objectKey, version, facts }: { bucket: string; versioning: Place['versioning']; objectKey: string; version: string | undefined; facts: ObjectFacts }) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [type, setType] = useState('');
  const [sent, setSent] = useState<Record<string, string>>({});
  const [own, setOwn] = useState<Tag[]>([]);
  function open() {
    setType(facts.type);
    setSent(facts.headers);
    setOwn(facts.metadata.map(({ name, value }) => ({ key: name, value })));
    setOpen(true);
  }
  const shown: [string, React.ReactNode][] = [
    ...headers.filter(([name]) => facts.headers[name]).map(([name, title]) => [title, visible(facts.headers[name]!)] as [string, React.ReactNode]),
    ...facts.metadata.map(({ name, value }) => [visible(name), visible(value)] as [string, React.ReactNode]),
  ];
  const isValid = own.every(({ key }) => /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(key)) && new Set(own.map((tag) => tag.key.toLowerCase())).size === own.length;
  return (
    <Section title="Metadata" actions={!version && <Button size="xs" variant="default" onClick={open}>Edit</Button>}>
      {shown.length > 0 ? <Facts items={shown} /> : <Text size="sm" c="dimmed">None besides the type.</Text>}
      <FormModal
        opened={isOpen} onClose={() => setOpen(false)} title="Edit metadata" action="Save" size="lg" isValid={isValid}
        onSubmit={() => replaceMetadata(bucket, objectKey, facts, { type, headers: sent, metadata: own.map(({ key, value }) => ({ name: key.toLowerCase(), value })) })}
        onDone={() => {
          notifications.show({ message: 'The metadata was saved.' });
          for (const name of ['object', 'versions', 'files']) void queries.invalidateQueries({ queryKey: [name, bucket] });
        }}
      >
        <TextInput label="Content-Type" value={type} onChange={(e) => setType(e.currentTarget.value)} data-autofocus />
        {headers.map(([name, title]) => <TextInput key={name} label={title} value={sent[name] ?? ''} onChange={(e) => setSent({ ...sent, [name]: e.currentTarget.value })} />)}
        <div><Text size="sm" fw={500} mb={4}>Own metadata</Text><TagEditor tags={own} onChange={setOwn} keyLabel="Name" keyMax={200} valueMax={2000} /></div>
        <Text size="xs" c="dimmed">This is saved as a copy of the object onto itself{saved[versioning]}, if nobody changed it meanwhile. Tags, storage class and access control list stay.</Text>
      </FormModal>
    </Section>
  );
}

export function TagsSection({ bucket, objectKey, version }: { bucket: string; objectKey: string; version: string | undefined }) {
  const queries = useQueryClient();
  const [edited, setEdited] = useState<Tag[] | null>(null);
  const list = useQuery({ queryKey: ['object', bucket, objectKey, version ?? null, 'tags'], queryFn: () => readObjectTags(bucket, objectKey, version), retry: false });
  return (
    <Section title="Tags" about="For rules and policies to choose objects by." actions={list.data && <Button size="xs" variant="default" onClick={() => setEdited(list.data)}>Edit</Button>}>
      <Loaded query={list} rows={1}>
        {(tags) => <TagList tags={tags} />}
      </Loaded>
      <FormModal
        opened={edited !== null} onClose={() => setEdited(null)} title="Edit tags" action="Save" isValid={(edited ?? []).every((tag) => tag.key !== '')}
        onSubmit={() => writeObjectTags(bucket, objectKey, edited ?? [], version)}
        onDone={() => { notifications.show({ message: 'The tags were saved.' }); void queries.invalidateQueries({ queryKey: ['object', bucket, objectKey] }); }}
      >
        {edited && <TagEditor tags={edited} onChange={setEdited} max={10} />}
      </FormModal>
    </Section>
  );
}
