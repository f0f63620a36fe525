import { Button, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { count, many, visible } from '../../app/format';
import { Confirm } from '../../components/Confirm';
import { failures, type Failure } from '../../components/failures';
import { Empty, Loaded, Section } from '../../components/Layout';
import { Time } from '../../components/Text';
import { abortUpload, unfinishedUploads, type UnfinishedUpload } from '../../upload/unfinished';

/** Uploads that were begun and not completed: their parts take room and belong to no object. */
export default function Unfinished({ bucket }: { bucket: string }) {
  const key = ['bucket', bucket, 'uploads'];
  const query = useQuery({ queryKey: key, queryFn: () => unfinishedUploads(bucket) });
  const [asked, setAsked] = useState<UnfinishedUpload[] | null>(null);
  const queries = useQueryClient();
  async function end(uploads: UnfinishedUpload[]) {
    const failed: Failure[] = [];
    for (const { key, uploadId } of uploads) await abortUpload(bucket, key, uploadId).catch((error: unknown) => failed.push({ key, error }));
    await queries.invalidateQueries({ queryKey: ['bucket', bucket] });
    if (failed.length > 0) failures.show({ title: `${count(failed.length)} of ${many(uploads.length, 'upload')} could not be ended`, list: failed });
    else notifications.show({ message: 'The uploads were ended.' });
  }
  const weekAgo = Date.now() - 7 * 86_400_000;
  const old = query.data?.uploads.filter((upload) => Date.parse(upload.initiated) < weekAgo) ?? [];
  return (
    <Section title="Unfinished uploads" about="Their parts take room. End those that nobody goes on with; a lifecycle rule can do it by itself." actions={old.length > 0 && <Button size="xs" variant="default" onClick={() => setAsked(old)}>End {many(old.length, 'older than a week', 'older than a week')}</Button>}>
      <Loaded query={query}>
        {({ uploads, isTruncated }) =>
          uploads.length === 0 ? <Empty icon={<IconUpload size={32} stroke={1.3} />} title="There are none">Every upload was completed or ended.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>Key</Table.Th><Table.Th>Begun</Table.Th><Table.Th>By</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {uploads.map((upload) => (
                    <Table.Tr key={upload.uploadId}>
                      <Table.Td className="break">{visible(upload.key)}</Table.Td><Table.Td className="nowrap"><Time at={upload.initiated} /></Table.Td><Table.Td className="break">{visible(upload.initiator)}</Table.Td>
                      <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked([upload])}>End</Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              {isTruncated && <Text size="xs" c="dimmed">The first 1,000.</Text>}
            </div>
          )
        }
      </Loaded>
      <Confirm opened={asked !== null} onClose={() => setAsked(null)} title={`End ${many(asked?.length ?? 0, 'upload')}?`} action="End" onConfirm={() => end(asked ?? [])}>What has arrived is deleted. Whoever is still uploading must begin anew.</Confirm>
    </Section>
  );
}
