import { Button, Table } from '@mantine/core';
import { IconShare3 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, done, type Schemas } from '../api/client';
import { usePages, type Asked } from '../api/lists';
import { dateTime, visible } from '../app/format';
import { Confirm } from '../components/Confirm';
import { Empty, Loaded, Section } from '../components/Layout';
import { More } from '../components/More';
import { Time } from '../components/Text';
import { useSaving } from '../components/useSaving';
import { objectLink } from './files/place';

export const BucketLinks = ({ bucket }: { bucket: string }) => <Links kind="bucket" name={bucket} />;
export const DiskLinks = ({ disk }: { disk: string }) => <Links kind="disk" name={disk} />;

/** Share links of one place, to see and to revoke. Their addresses are not kept. */
function Links({ kind, name }: { kind: 'bucket' | 'disk'; name: string }) {
  const key = ['shares', name];
  const query = usePages(key, (page: Asked) => call(api.GET('/api/shares', { params: { query: { [kind]: name, ...page } } })), ['links']);
  const [asked, setAsked] = useState<Schemas['ShareView'] | null>(null);
  const revoke = useSaving((id: string) => done(api.DELETE('/api/shares/{id}', { params: { path: { id } } })), [key], 'The link was revoked.');
  return (
    <Section title="Links" about="By which anyone can read a file without signing in. Share a file to make one.">
      <Loaded query={query}>
        {({ links }) =>
          links.length === 0 ? <Empty icon={<IconShare3 size={32} stroke={1.3} />} title="Nothing is shared">Open a file and choose Share.</Empty> : (
            <div className="table-scroll">
              <Table>
                <Table.Thead><Table.Tr><Table.Th>File</Table.Th><Table.Th>Until</Table.Th><Table.Th>Made</Table.Th><Table.Th>By</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {links.map((link) => (
                    <Table.Tr key={link.id}>
                      <Table.Td><Link className="mono" {...objectLink({ kind, bucket: name }, link.key, link.versionId ?? undefined)}>{visible(link.key)}</Link></Table.Td>
                      <Table.Td className="nowrap">{dateTime(link.expiresAt)}</Table.Td><Table.Td className="nowrap"><Time at={link.createdAt} /></Table.Td><Table.Td className="break">{link.createdBy}</Table.Td>
                      <Table.Td align="right"><Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsked(link)}>Revoke</Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <More list={query} />
            </div>
          )
        }
      </Loaded>
      <Confirm opened={asked !== null} onClose={() => setAsked(null)} title="Revoke the link?" action="Revoke" onConfirm={() => revoke.mutateAsync(asked!.id)}>Whoever has it can no longer read {asked && visible(asked.key)} by it.</Confirm>
    </Section>
  );
}
