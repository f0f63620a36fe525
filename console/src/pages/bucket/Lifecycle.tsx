import { Alert, Badge, Button, Checkbox, Group, List, Loader, Modal, NumberInput, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconClockHour4, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { bytes, many, visible } from '../../app/format';
import { Confirm } from '../../components/Confirm';
import { FormModal } from '../../components/FormModal';
import { Empty, Loaded, Section } from '../../components/Layout';
import { Problem } from '../../components/Problem';
import { TagEditor } from '../../components/TagEditor';
import { useSaving } from '../../components/useSaving';
import { emptyRule, mayEmpty, previewRule, problemOf, readLifecycle, writeLifecycle, type LifecycleRule, type PreviewResult } from '../../s3/lifecycle';
import { readVersioning, stayText, type Versioning } from '../../s3/settings';

export default function Lifecycle({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'lifecycle'];
  const query = useQuery({ queryKey: key, queryFn: () => readLifecycle(bucket) });
  const versioning = useQuery({ queryKey: ['bucket', bucket, 'versioning'], queryFn: () => readVersioning(bucket) });
  const save = useSaving((rules: LifecycleRule[]) => writeLifecycle(bucket, query.data ?? [], rules), [key]);
  const [edited, setEdited] = useState<{ index: number; rule: LifecycleRule } | null>(null);
  const [previewed, setPreviewed] = useState<LifecycleRule | null>(null);
  const [removed, setRemoved] = useState<number | null>(null);
  const add = <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setEdited({ index: -1, rule: emptyRule })}>New rule</Button>;
  return (
    <Section title="Lifecycle" about="Rules by which the server removes what is old." actions={(query.data?.length ?? 0) > 0 && add}>
      {save.isError && <Problem error={save.error} title="The rules were refused" />}
      <Loaded query={query}>
        {(rules) =>
          rules.length === 0 ? <Empty icon={<IconClockHour4 size={32} stroke={1.3} />} title="Nothing is removed by itself" action={add}>A rule can expire objects after days, remove old versions, and end uploads that nobody completed.</Empty> : (
            <Stack gap="sm">
              {rules.map((rule, index) => (
                <Group key={index} justify="space-between" align="flex-start" className="rule" wrap="wrap">
                  <div style={{ minWidth: 0, flex: '1 1 260px' }}>
                    <Group gap="xs"><Text fw={600} size="sm" className="break">{visible(rule.id) || 'Rule without a name'}</Text>{!rule.isEnabled && <Badge size="sm" color="gray" variant="light">off</Badge>}</Group>
                    <Text size="sm" c="dimmed">{say(rule)}</Text>
                  </div>
                  <Group gap="xs">
                    <Button size="compact-sm" variant="default" onClick={() => setPreviewed(rule)}>Preview</Button>
                    <Button size="compact-sm" variant="default" onClick={() => setEdited({ index, rule })}>Edit</Button>
                    <Button size="compact-sm" variant="subtle" color="red" onClick={() => setRemoved(index)}>Remove</Button>
                  </Group>
                </Group>
              ))}
            </Stack>
          )
        }
      </Loaded>
      {edited && (
        <RuleForm
          bucket={bucket} start={edited.rule} versioning={versioning.data} onClose={() => setEdited(null)}
          onSave={(rule) => save.mutateAsync(edited.index < 0 ? [...(query.data ?? []), rule] : (query.data ?? []).map((other, i) => (i === edited.index ? rule : other)))}
        />
      )}
      {previewed && (
        <Modal opened onClose={() => setPreviewed(null)} title="What the rule would remove now" closeButtonProps={{ 'aria-label': 'Close' }}><PreviewOf bucket={bucket} rule={previewed} versioning={versioning.data} /></Modal>
      )}
      <Confirm opened={removed !== null} onClose={() => setRemoved(null)} title="Remove the rule?" action="Remove" onConfirm={() => save.mutateAsync((query.data ?? []).filter((_, i) => i !== removed))}>What it has removed stays removed.</Confirm>
    </Section>
  );
}

/** A rule in a sentence. */
export function say(rule: LifecycleRule): string {
  const days = (count: number) => many(count, 'day');
  const scope = [rule.prefix ? `names that begin with ${visible(rule.prefix)}` : 'everything', ...rule.tags.map((tag) => `tag ${visible(tag.key)}=${visible(tag.value)}`)];
  if (rule.minSize !== null) scope.push(`over ${bytes(rule.minSize)}`);
  if (rule.maxSize !== null) scope.push(`under ${bytes(rule.maxSize)}`);
  const does = [
    rule.days !== null && `objects expire after ${days(rule.days)}`, rule.date !== null && `objects expire on ${rule.date}`, rule.removeMarkers && 'delete markers without versions are removed',
    rule.noncurrentDays !== null && `old versions are removed after ${days(rule.noncurrentDays)}${rule.keepVersions ? `, except the newest ${rule.keepVersions}` : ''}`,
    rule.abortDays !== null && `unfinished uploads end after ${days(rule.abortDays)}`,
  ].filter(Boolean).join('; ');
  return `For ${scope.join(', ')}: ${does || 'nothing'}.`;
}

function RuleForm({ bucket, start, versioning, onClose, onSave }: { bucket: string; start: LifecycleRule; versioning: Versioning | undefined; onClose: () => void; onSave: (rule: LifecycleRule) => Promise<unknown> }) {
  const [rule, setRule] = useState(start);
  const [isPreviewed, setPreviewed] = useState(false);
  const [isKnown, setKnown] = useState(false);
  const set = (change: Partial<LifecycleRule>) => {
    setRule({ ...rule, ...change });
    setPreviewed(false);
    setKnown(false);
  };
  const seen = useCallback(() => setKnown(true), []);
  const isVersioned = versioning !== 'never';
  const problem = problemOf(rule);
  const asks = problem === null && mayEmpty(rule, Date.now());
  const expires = rule.date !== null ? 'date' : rule.days !== null ? 'days' : 'no';
  return (
    <FormModal opened onClose={onClose} size="lg" title={start === emptyRule ? 'New rule' : 'Edit rule'} action="Save" isValid={problem === null && (!asks || isKnown)} onSubmit={() => onSave(rule)}>
      <Group grow align="flex-start"><TextInput label="Name" value={rule.id} maxLength={255} onChange={(e) => set({ id: e.currentTarget.value })} data-autofocus /><TextInput label="Names that begin with" placeholder="empty: everything" value={rule.prefix} onChange={(e) => set({ prefix: e.currentTarget.value })} spellCheck={false} /></Group>
      <div>
        <Text size="sm" fw={500} mb={6}>Objects expire</Text>
        <Group>
          <SegmentedControl size="xs" aria-label="Objects expire" value={expires} onChange={(value) => set(value === 'days' ? { days: 30, date: null, removeMarkers: false } : value === 'date' ? { date: '', days: null, removeMarkers: false } : { days: null, date: null })} data={[{ value: 'no', label: 'Never' }, { value: 'days', label: 'After days' }, { value: 'date', label: 'On a date' }]} />
          {rule.days !== null && <Days label="Days until objects expire" value={rule.days} onChange={(days) => set({ days })} />}
          {rule.date !== null && <TextInput aria-label="Date on which objects expire" type="date" value={rule.date} onChange={(e) => set({ date: e.currentTarget.value })} />}
        </Group>
        {(versioning === 'enabled' || versioning === 'suspended') && expires !== 'no' && <Text size="xs" c="dimmed" mt={4}>{versioning === 'enabled' ? 'This bucket keeps versions: what' : 'What'} expires is hidden behind a delete marker: {stayText(versioning)}.</Text>}
      </div>
      {isVersioned && (
        <Group align="flex-end">
          <Checkbox label="Remove old versions after" checked={rule.noncurrentDays !== null} onChange={(e) => set({ noncurrentDays: e.currentTarget.checked ? 30 : null, keepVersions: null })} mb={8} />
          <Days label="Days until old versions are removed" value={rule.noncurrentDays} onChange={(noncurrentDays) => set({ noncurrentDays })} />
          <NumberInput label="and keep the newest" w={150} min={0} max={100} allowDecimal={false} disabled={rule.noncurrentDays === null} value={rule.keepVersions ?? ''} placeholder="none" onChange={(value) => set({ keepVersions: Number(value) || null })} />
        </Group>
      )}
      {isVersioned && expires === 'no' && <Checkbox label="Remove delete markers that have no versions left" checked={rule.removeMarkers} onChange={(e) => set({ removeMarkers: e.currentTarget.checked })} />}
      <Group>
        <Checkbox label="End unfinished uploads after" checked={rule.abortDays !== null} onChange={(e) => set({ abortDays: e.currentTarget.checked ? 7 : null })} />
        <Days label="Days until unfinished uploads end" value={rule.abortDays} onChange={(abortDays) => set({ abortDays })} />
      </Group>
      <Group grow>
        <NumberInput label="Only over (bytes)" min={0} allowDecimal={false} thousandSeparator="," value={rule.minSize ?? ''} onChange={(value) => set({ minSize: value === '' ? null : Number(value) })} />
        <NumberInput label="Only under (bytes)" min={1} allowDecimal={false} thousandSeparator="," value={rule.maxSize ?? ''} onChange={(value) => set({ maxSize: value === '' ? null : Number(value) })} />
      </Group>
      <div><Text size="sm" fw={500} mb={6}>Only with these tags</Text><TagEditor tags={rule.tags} onChange={(tags) => set({ tags })} max={10} /></div>
      <Switch label="The rule is on" checked={rule.isEnabled} onChange={(e) => set({ isEnabled: e.currentTarget.checked })} />
      {problem ? <Text size="sm" c="dimmed">{problem}</Text> : isPreviewed ? <PreviewOf bucket={bucket} rule={rule} versioning={versioning} onFound={seen} /> : <div><Button size="xs" variant="default" onClick={() => setPreviewed(true)}>Preview what it would remove</Button></div>}
      {asks && (!isPreviewed || !isKnown) && (
        <Alert color="orange" variant="light" p="xs">
          <Text size="sm" mb={6}>The rule is about everything in the bucket, and what is old enough may be removed as soon as it is saved. Preview that first.</Text>
          <Checkbox size="sm" label="Save it without a preview" checked={isKnown} onChange={(e) => setKnown(e.currentTarget.checked)} />
        </Alert>
      )}
    </FormModal>
  );
}

/** A number of days. What is empty stays on while somebody types: it is NaN, which the rule's problem says. */
const Days = ({ label, value, onChange }: { label: string; value: number | null; onChange: (value: number) => void }) => (
  <NumberInput aria-label={label} w={110} min={1} allowDecimal={false} disabled={value === null} value={value === null || Number.isNaN(value) ? '' : value} onChange={(next) => onChange(next === '' ? NaN : Number(next))} suffix=" days" />
);

function PreviewOf({ bucket, rule, versioning = 'enabled', onFound }: { bucket: string; rule: LifecycleRule; versioning: Versioning | undefined; onFound?: () => void }) {
  const [found, setFound] = useState<PreviewResult | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    stop.current = controller;
    let isGone = false;
    previewRule(bucket, rule, versioning, controller.signal).then((result) => {
      if (isGone) return;
      setFound(result);
      onFound?.();
    }, setError);
    return () => {
      isGone = true;
      controller.abort();
    };
  }, [bucket, rule, versioning, onFound]);
  if (error) return <Problem error={error} title="The preview failed" />;
  if (!found) return <Group gap="sm"><Loader size="xs" /><Text size="sm">Looking…</Text><Button size="compact-xs" variant="default" onClick={() => stop.current.abort()}>Stop</Button></Group>;
  const total = found.current + found.noncurrent + found.markers;
  // A listing has no tags: of what it shows, a rule with tags removes a part.
  const at = rule.tags.length > 0 ? `${found.isComplete ? 'At most' : 'Of what was looked at, at most'} ` : found.isComplete ? '' : 'At least ';
  return (
    <Alert variant="light" color={total > 0 ? 'orange' : 'gray'} role="status">
      <Text size="sm" fw={600}>{total === 0 && found.isComplete ? 'It would remove nothing now.' : `${at}${many(total, 'version or object', 'versions and objects')}${found.bytes > 0 ? `, ${bytes(found.bytes)}` : ''}`}</Text>
      {!found.isComplete && <Text size="xs">{found.end === 'stopped' ? 'You stopped it' : found.end === 'time' ? 'It stopped after 5 seconds' : 'It stopped after 1,000 keys'}: {many(found.keys, 'key')} looked at.</Text>}
      {rule.tags.length > 0 && total > 0 && <Text size="xs">Tags were not looked at.</Text>}
      {rule.abortDays !== null && <Text size="xs">Unfinished uploads are not counted here.</Text>}
      {found.examples.length > 0 && <List size="xs" mt={6}>{found.examples.slice(0, 8).map((example, i) => <List.Item key={i} className="break">{visible(example.key)} ({example.why})</List.Item>)}</List>}
    </Alert>
  );
}
