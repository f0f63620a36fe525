import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { many, visible } from '../app/format';
import { byReason, failures } from './failures';
import { Problem } from './Problem';

const mostReasons = 20;
const mostKeys = 10;

/** What of a change was not done, and why, until it is closed. */
export function Failures() {
  const shown = useSyncExternalStore(failures.subscribe, failures.get);
  if (!shown) return null;
  const close = () => failures.show(null);
  const groups = byReason(shown.list);
  const left = groups.slice(mostReasons).reduce((sum, group) => sum + group.keys.length, 0);
  return (
    <Modal opened onClose={close} title={shown.title} size="lg" closeOnClickOutside={false} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        {groups.slice(0, mostReasons).map((group, i) => (
          <div key={i}>
            <List size="sm" mb={4}>
              {group.keys.slice(0, mostKeys).map((key) => <List.Item key={key} className="break">{visible(key)}</List.Item>)}
              {group.keys.length > mostKeys && <List.Item>and {many(group.keys.length - mostKeys, 'more', 'more')}</List.Item>}
            </List>
            <Problem error={group.error} isBare onLeave={close} />
          </div>
        ))}
        {left > 0 && <Text size="sm">and {many(left, 'more', 'more')} for other reasons</Text>}
        <Group justify="flex-end"><Button onClick={close}>Close</Button></Group>
      </Stack>
    </Modal>
  );
}
