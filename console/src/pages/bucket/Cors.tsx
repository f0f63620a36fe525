import { Button, Checkbox, Group, NumberInput, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus, IconWorldWww } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { visible } from '../../app/format';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { useSaving } from '../../components/useSaving';
import { readCors, writeCors, type CorsRule } from '../../s3/settings';

const start: CorsRule = { id: '', origins: [], methods: ['GET', 'HEAD'], headers: ['*'], exposed: ['ETag'], maxAge: 3600, source: null };
const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];

export default function Cors({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'cors'];
  const query = useQuery({ queryKey: key, queryFn: () => readCors(bucket) });
  const save = useSaving((rules: CorsRule[]) => writeCors(bucket, query.data ?? [], rules), [key]);
  const [edited, setEdited] = useState<{ index: number; rule: CorsRule } | null>(null);
  const [removed, setRemoved] = useState<number | null>(null);
  const rules = query.data ?? [];
  const add = <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setEdited({ index: -1, rule: start })}>New rule</Button>;
  const set = (change: Partial<CorsRule>) => edited && setEdited({ ...edited, rule: { ...edited.rule, ...change } });
  return (
    <Section title="CORS" about="Which web pages may use this bucket from a browser. The first rule that fits counts. This console needs none." actions={rules.length > 0 && add}>
      <Loaded query={query} rows={2}>
        {() =>
          rules.length === 0 ? <Empty icon={<IconWorldWww size={32} stroke={1.3} />} title="No page of another site may use it" action={add}>A rule names the sites, and what their scripts may do. It lets nobody in: requests must be signed all the same.</Empty> : (
            <Stack gap="sm">
              {rules.map((rule, index) => (
                <Group key={index} className="rule" justify="space-between" align="flex-start">
                  <div style={{ flex: '1 1 240px', minWidth: 0 }}>
                    <Text fw={600} size="sm" className="break">{rule.origins.map(visible).join(', ')}</Text>
                    <Text size="sm" c="dimmed" className="break">{rule.methods.join(', ')}{rule.exposed.length > 0 && `; may read ${rule.exposed.map(visible).join(', ')}`}</Text>
                  </div>
                  <Group gap="xs"><Button size="compact-sm" variant="default" onClick={() => setEdited({ index, rule })}>Edit</Button><Button size="compact-sm" variant="subtle" color="red" onClick={() => setRemoved(index)}>Remove</Button></Group>
                </Group>
              ))}
            </Stack>
          )
        }
      </Loaded>
      {edited && (
        <FormModal
          opened onClose={() => setEdited(null)} title={edited.index < 0 ? 'New rule' : 'Edit rule'} action="Save" isValid={edited.rule.origins.length > 0 && edited.rule.methods.length > 0}
          onSubmit={() => save.mutateAsync(edited.index < 0 ? [...rules, edited.rule] : rules.map((rule, i) => (i === edited.index ? edited.rule : rule)))}
        >
          <TagsInput label="Sites" description="https://app.example.com; one * stands for anything. Enter after each." value={edited.rule.origins} onChange={(origins) => set({ origins })} data-autofocus />
          <Checkbox.Group label="Methods" value={edited.rule.methods} onChange={(value) => set({ methods: value })}><Group mt={6}>{methods.map((method) => <Checkbox key={method} value={method} label={method} />)}</Group></Checkbox.Group>
          <TagsInput label="Headers they may send" value={edited.rule.headers} onChange={(headers) => set({ headers })} />
          <TagsInput label="Headers they may read" value={edited.rule.exposed} onChange={(exposed) => set({ exposed })} />
          <NumberInput label="Browsers remember this for (seconds)" min={0} allowDecimal={false} value={edited.rule.maxAge ?? ''} onChange={(value) => set({ maxAge: value === '' ? null : Number(value) })} />
          <TextInput label="Name" value={edited.rule.id} maxLength={255} onChange={(e) => set({ id: e.currentTarget.value })} />
        </FormModal>
      )}
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title="Remove the rule?" action="Remove" onConfirm={() => save.mutateAsync(rules.filter((_, i) => i !== removed))}>Pages of these sites can no longer use the bucket from a browser.</Confirm>
    </Section>
  );
}
