import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Problem } from './Problem';

/** Asks before something that cannot be taken back. With `type`, the name must be typed. */
export function Confirm({ opened, onClose, title, children, action, onConfirm, type, isDangerous = true, isReady = true }: {
  opened: boolean; onClose: () => void; title: string; children: ReactNode; action: string; onConfirm: () => Promise<unknown>; type?: string; isDangerous?: boolean; isReady?: boolean;
}) {
  const [typed, setTyped] = useState('');
  const work = useMutation({ mutationFn: onConfirm, onSuccess: () => close() });
  function close() {
    setTyped('');
    work.reset();
    onClose();
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (isReady && (type === undefined || typed === type)) work.mutate();
  }
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" component="div">{children}</Text>
          {type !== undefined && <TextInput label={`Type ${type} to go on`} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />}
          {work.isError && <Problem error={work.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>Cancel</Button>
            <Button type="submit" {...(isDangerous ? { color: 'red.8' } : {})} loading={work.isPending} disabled={!isReady || (type !== undefined && typed !== type)}>{action}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
