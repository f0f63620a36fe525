import { ActionIcon, Code, Group, Modal, Text, Textarea, Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { copyText } from '../app/clipboard';
import { ago, bytes, count, exactTime } from '../app/format';

/** A point in time: how long ago, with the exact time on demand. */
export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <Text span inherit c="dimmed">never</Text>;
  return <time dateTime={at} title={exactTime(at)}>{ago(at)}</time>;
}

export const Bytes = ({ value }: { value: number }) => <span title={`${count(value)} bytes`}>{bytes(value)}</span>;

/** Copies by a click; where the browser refuses, shows the text selected, to be copied by hand. */
export function Copy({ value, label = 'Copy' }: { value: string; label?: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  useEffect(() => {
    if (state !== 'copied') return;
    const timer = setTimeout(() => setState('ready'), 1500);
    return () => clearTimeout(timer);
  }, [state]);
  const isCopied = state === 'copied';
  return (
    <>
      <Tooltip label={isCopied ? 'Copied' : label}>
        <ActionIcon variant="subtle" color={isCopied ? 'teal' : 'gray'} onClick={() => void copyText(value).then((is) => setState(is ? 'copied' : 'refused'))} aria-label={label}>
          {isCopied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden role="status">{isCopied ? 'Copied' : ''}</VisuallyHidden>
      {state === 'refused' && <ByHand text={value} onClose={() => setState('ready')} />}
    </>
  );
}

/** A text to be copied by hand. */
export function ByHand({ text, onClose }: { text: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Copy it by hand" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Textarea aria-label="Text to copy" description="Your browser lets this page copy nothing. It is selected: press Ctrl C, or ⌘ C." readOnly autosize maxRows={10} value={text} data-autofocus onFocus={(e) => e.currentTarget.select()} />
    </Modal>
  );
}

/** A short text, which the button beside it copies. */
export function Copyable({ value, children }: { value: string; children?: ReactNode }) {
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      <Text span ff="monospace" fz="sm" truncate title={value}>{children ?? value}</Text>
      <Copy value={value} />
    </Group>
  );
}

export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div className="snippet">
      <Code block tabIndex={0} aria-label={label}>{text}</Code>
      <div className="snippet-copy"><Copy value={text} label={`Copy ${label}`} /></div>
    </div>
  );
}

export function TextButton({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return <UnstyledButton className="text-button" onClick={onClick}>{children}</UnstyledButton>;
}
