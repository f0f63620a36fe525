import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useState, useSyncExternalStore } from 'react';
import { secrets } from './secrets';
import { Copy, Snippet } from './Text';

/** Credentials, shown exactly once: the server does not keep what it could show again. */
export default function SecretOnce() {
  const secret = useSyncExternalStore(secrets.subscribe, secrets.get);
  const [isKept, setKept] = useState(false);
  if (!secret) return null;
  function close() {
    setKept(false);
    secrets.show(null);
  }
  const all = secret.items.map(([name, value]) => `${name}: ${value}`).join('\n');
  return (
    <Modal opened onClose={close} title={secret.title} size="lg" withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack>
        <Alert color="yellow" variant="light" icon={<IconEyeOff size={18} />}>This is shown once. Copy it now: nobody can show it again.</Alert>
        {secret.items.map(([name, value]) => (
          <div key={name}>
            <Text size="sm" fw={600}>{name}</Text>
            <Group gap={4} wrap="nowrap" className="secret"><Text ff="monospace" size="sm" className="secret-value">{value}</Text><Copy value={value} label={`Copy ${name}`} /></Group>
          </div>
        ))}
        {secret.items.length > 1 && <Snippet text={all} label="all of it" />}
        {secret.more}
        <Group justify="space-between">
          <Checkbox label="I have stored it" checked={isKept} onChange={(e) => setKept(e.currentTarget.checked)} />
          <Button onClick={close} disabled={!isKept}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
