import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { Problem } from './Problem';

/** A form in a dialog: sent once, with what went wrong beneath its fields. */
export function FormModal<T>({ opened, onClose, title, action, isValid = true, onSubmit, onDone, children, size }: {
  opened: boolean; onClose: () => void; title: string; action: string; isValid?: boolean; onSubmit: () => Promise<T>; onDone?: (result: T) => void; children: ReactNode; size?: string;
}) {
  const work = useMutation({
    mutationFn: onSubmit,
    onSuccess: (result) => {
      work.reset();
      onClose();
      onDone?.(result);
    },
  });
  function close() {
    work.reset();
    onClose();
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (isValid && !work.isPending) work.mutate();
  }
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }} {...(size ? { size } : {})}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {work.isError && <Problem error={work.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>Cancel</Button>
            <Button type="submit" loading={work.isPending} disabled={!isValid}>{action}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
