import { ActionIcon, Button, Group, Progress, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconChevronUp, IconCheck, IconPlayerPause, IconPlayerPlay, IconReplace, IconUpload, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { baseName, bytes, duration, many, visible } from '../app/format';
import { Confirm } from '../components/Confirm';
import { Problem } from '../components/Problem';
import { tellProblem } from '../components/tell';
import { uploads } from './engine';
import { remainingSeconds } from './plan';
import { fits, type UploadRecord } from './records';
import { isRunning, type Task } from './tasks';

const tellStays = (error: unknown) => tellProblem(error, 'What has arrived could not be deleted');

/** What is being uploaded, in the corner of every page. */
export function UploadPanel() {
  const { tasks, interrupted, bytesPerSecond } = useSyncExternalStore(uploads.subscribe, uploads.getSnapshot);
  const [isOpen, setOpen] = useState(true);
  const [isHidden, setHidden] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const queries = useQueryClient();
  const count = tasks.length;
  // What is added is shown; what goes away opens nothing.
  const before = useRef(count);
  useEffect(() => {
    if (count > before.current) setHidden(false);
    before.current = count;
  }, [count]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const places = new Set<string>();
    uploads.onDone = (place) => {
      places.add(place);
      timer ??= setTimeout(() => {
        timer = null;
        for (const name of places) void queries.invalidateQueries({ queryKey: ['files', name] });
        places.clear();
      }, 700);
    };
  }, [queries]);

  const sum = useMemo(() => summary(tasks), [tasks]);
  const isAllDone = sum.done === count && interrupted.length === 0;
  if (isAllDone && (isHidden || count === 0)) return null;
  const left = sum.bytes - sum.sent;
  const rest = remainingSeconds(left, bytesPerSecond);
  const title = sum.running > 0 ? `Uploading ${many(sum.running, 'file')}` : sum.paused > 0 ? `${many(sum.paused, 'upload')} paused` : sum.problems > 0 ? `${many(sum.problems, 'upload')} need you` : count > 0 ? `${many(sum.done, 'file')} uploaded` : 'Interrupted uploads';
  const shown = [...tasks].sort((a, b) => order[a.state] - order[b.state]).slice(0, 100);
  // What needs somebody, or goes on, stays in sight.
  if (isHidden) return <section className="panel folded" aria-label="Uploads"><Button size="xs" variant="default" leftSection={<IconUpload size={15} />} onClick={() => setHidden(false)}>{title}</Button></section>;
  return (
    <section className="panel" aria-label="Uploads">
      <Group className="panel-head" justify="space-between" wrap="nowrap" gap="xs">
        <div aria-live="polite">
          <Text fw={600} size="sm">{title}</Text>
          {sum.running > 0 && <Text size="xs" c="dimmed">{bytes(sum.sent)} of {bytes(sum.bytes)}{bytesPerSecond > 0 ? ` · ${bytes(bytesPerSecond)}/s` : ''}{rest !== null ? ` · ${duration(rest)} left` : ''}</Text>}
        </div>
        <Group gap={2} wrap="nowrap">
          <ActionIcon variant="subtle" color="gray" onClick={() => setOpen(!isOpen)} aria-label={isOpen ? 'Fold the list' : 'Show the list'} aria-expanded={isOpen}>{isOpen ? <IconChevronDown size={16} /> : <IconChevronUp size={16} />}</ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label="Hide" onClick={() => { uploads.clearDone(); setHidden(true); }}><IconX size={16} /></ActionIcon>
        </Group>
      </Group>
      {sum.done < count && (
        <Group className="panel-head" gap={6} role="toolbar" aria-label="With all uploads">
          {sum.running > 0 && <Button size="compact-xs" variant="default" onClick={() => uploads.pauseAll()}>Pause all</Button>}
          {sum.running === 0 && sum.paused > 0 && <Button size="compact-xs" variant="default" onClick={() => uploads.resumeAll()}>Resume all</Button>}
          {sum.failed > 1 && <Button size="compact-xs" variant="default" onClick={() => uploads.retryAll()}>Try all again</Button>}
          {sum.exists > 1 && <Button size="compact-xs" variant="default" onClick={() => uploads.replaceAll()}>Replace all</Button>}
          {sum.exists > 1 && <Button size="compact-xs" variant="default" onClick={() => void uploads.skipAll().catch(tellStays)}>Skip all</Button>}
          {count - sum.done > 1 && <Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked(true)}>Cancel all</Button>}
        </Group>
      )}
      <Confirm opened={isAsked} onClose={() => setAsked(false)} title={`Cancel ${many(count - sum.done, 'upload')}?`} action="Cancel all" onConfirm={async () => void uploads.cancelAll().catch(tellStays)}>What has arrived of them is deleted. Files that are done stay.</Confirm>
      {sum.running > 0 && <Progress value={sum.bytes ? (sum.sent / sum.bytes) * 100 : 0} size={3} radius={0} aria-label="All uploads" />}
      {isOpen && (
        <div className="panel-list" tabIndex={0} role="list" aria-label="Files">
          {interrupted.map((record) => <Interrupted key={record.id} record={record} />)}
          {shown.map((task) => <Item key={task.id} task={task} />)}
          {count > shown.length && <Text size="xs" c="dimmed" p="xs">and {many(count - shown.length, 'more file', 'more files')}</Text>}
        </div>
      )}
    </section>
  );
}

const order: Record<Task['state'], number> = { exists: 0, failed: 1, sending: 2, checking: 2, paused: 3, waiting: 4, done: 5 };

function summary(tasks: readonly Task[]) {
  const sum = { running: 0, paused: 0, problems: 0, exists: 0, failed: 0, done: 0, bytes: 0, sent: 0 };
  for (const task of tasks) {
    if (isRunning(task.state)) sum.running++;
    else if (task.state === 'paused') sum.paused++;
    else if (task.state === 'done') sum.done++;
    else sum.problems++;
    if (task.state === 'exists') sum.exists++;
    if (task.state === 'failed') sum.failed++;
    sum.bytes += task.size;
    sum.sent += task.sent;
  }
  return sum;
}

function Item({ task }: { task: Task }) {
  const name = visible(baseName(task.key));
  const percent = task.size ? Math.floor((task.sent / task.size) * 100) : task.state === 'done' ? 100 : 0;
  const said: Record<Task['state'], string> = {
    waiting: 'Waiting', checking: 'Comparing what has arrived', sending: `${bytes(task.sent)} of ${bytes(task.size)}`, paused: task.note ? `Paused at ${percent}%. ${task.note}` : `Paused at ${percent}%`,
    exists: 'There is one of this name already', failed: '', done: bytes(task.size),
  };
  const button = (label: string, icon: React.ReactNode, onClick: () => void) => (
    <Tooltip label={label}><ActionIcon variant="subtle" color="gray" aria-label={`${label}: ${name}`} onClick={onClick}>{icon}</ActionIcon></Tooltip>
  );
  return (
    <div className="panel-item" role="listitem">
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" truncate title={visible(`${task.place}/${task.key}`)}>{name}</Text>
          {task.state === 'failed' ? <Problem error={task.error} isBare /> : <Text size="xs" c="dimmed">{said[task.state]}</Text>}
        </div>
        <Group gap={0} wrap="nowrap">
          {isRunning(task.state) && button('Pause', <IconPlayerPause size={15} />, () => uploads.pause(task.id))}
          {(task.state === 'paused' || task.state === 'failed') && button(task.state === 'paused' ? 'Resume' : 'Try again', <IconPlayerPlay size={15} />, () => uploads.resume(task.id))}
          {task.state === 'exists' && button('Replace', <IconReplace size={15} />, () => uploads.resume(task.id, { replace: true }))}
          {task.state === 'done'
            ? <IconCheck size={16} aria-label="Done" />
            : button('Cancel', <IconX size={15} />, () => void uploads.cancel(task.id).catch(tellStays))}
        </Group>
      </Group>
      {(task.state === 'sending' || task.state === 'paused') && task.size > 0 && <Progress value={percent} size={3} mt={4} aria-label={name} color={task.state === 'paused' ? 'gray' : 'tarn'} />}
    </div>
  );
}

/** An upload of before: it goes on with the same file, or is ended. */
function Interrupted({ record }: { record: UploadRecord }) {
  const picker = useRef<HTMLInputElement>(null);
  function pick(files: FileList | null) {
    const file = files?.[0];
    if (!file) return;
    if (fits(record, file)) uploads.add(record.kind, record.place, [{ key: record.key, file }]);
    else notifications.show({ color: 'yellow', title: 'Another file', message: `${record.name} has ${bytes(record.size)}; this is ${visible(file.name)} with ${bytes(file.size)}.` });
  }
  return (
    <div className="panel-item" role="listitem">
      <Text size="sm" truncate title={visible(`${record.place}/${record.key}`)}>{visible(baseName(record.key))}</Text>
      <Text size="xs" c="dimmed">Interrupted. Pick {visible(record.name)} ({bytes(record.size)}) again and it goes on where it was.</Text>
      <Group gap="xs" mt={4}>
        <Button size="compact-xs" onClick={() => picker.current?.click()}>Pick the file</Button>
        <Button size="compact-xs" variant="default" onClick={() => void uploads.discard(record).catch(tellStays)}>End the upload</Button>
        <input ref={picker} type="file" hidden aria-label={`The file ${visible(record.name)}`} onChange={(e) => { pick(e.currentTarget.files); e.currentTarget.value = ''; }} />
      </Group>
    </div>
  );
}
