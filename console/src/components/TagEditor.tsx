import { ActionIcon, Button, Group, Pill, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { visible } from '../app/format';
import type { Tag } from '../s3/settings';

/** Tags as they are, to be read. */
export const TagList = ({ tags }: { tags: Tag[] }) => (tags.length === 0 ? <Text size="sm" c="dimmed">None.</Text> : <Group gap="xs">{tags.map((tag) => <Pill key={tag.key}>{visible(tag.key)}: {visible(tag.value)}</Pill>)}</Group>);

/** Names and values in rows. */
export function TagEditor({ tags, onChange, max = 50, keyLabel = 'Key', keyMax = 128, valueMax = 256 }: {
  tags: Tag[]; onChange: (tags: Tag[]) => void; max?: number; keyLabel?: string; keyMax?: number; valueMax?: number;
}) {
  const set = (index: number, change: Partial<Tag>) => onChange(tags.map((tag, i) => (i === index ? { ...tag, ...change } : tag)));
  return (
    <Stack gap="xs">
      {tags.map((tag, index) => (
        <Group key={index} gap="xs" wrap="nowrap">
          <TextInput aria-label={`${keyLabel} ${index + 1}`} placeholder={keyLabel} value={tag.key} maxLength={keyMax} flex={1} onChange={(e) => set(index, { key: e.currentTarget.value })} />
          <TextInput aria-label={`Value ${index + 1}`} placeholder="Value" value={tag.value} maxLength={valueMax} flex={2} onChange={(e) => set(index, { value: e.currentTarget.value })} />
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${keyLabel.toLowerCase()} ${index + 1}`} onClick={() => onChange(tags.filter((_, i) => i !== index))}><IconX size={16} /></ActionIcon>
        </Group>
      ))}
      <div><Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} disabled={tags.length >= max} onClick={() => onChange([...tags, { key: '', value: '' }])}>Add</Button></div>
    </Stack>
  );
}
