import { Alert, Button, Group, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { bytes } from '../../app/format';
import { Centered, Loaded } from '../../components/Layout';
import { presign } from '../../s3/client';
import { readText, type ObjectFacts } from '../../s3/object';
import { pretty } from '../../s3/policy';
import { kindOf, parseCsv, type Kind } from './kinds';
import { getting } from './links';

const Markdown = lazy(() => import('./Markdown'));

/** How much of a text is read. */
const textLimit = 1 << 20;
const mediaLimit = 64 << 20;

interface Props {
  bucket: string;
  objectKey: string;
  version: string | undefined;
  facts: ObjectFacts;
}

/** What is in an object. Its bytes are shown by elements for images and media, or as text; they never become markup of this page. */
export default function Preview(props: Props) {
  const { facts, objectKey } = props;
  const [isAsked, setAsked] = useState(false);
  const kind = kindOf(objectKey, facts.type);
  if (facts.size === 0) return <Text size="sm" c="dimmed">The object is empty.</Text>;
  if (facts.headers['content-encoding'] && kind !== 'image') return <Text size="sm" c="dimmed">It is stored with the encoding {facts.headers['content-encoding']}: download it to see it.</Text>;
  if (kind === 'other' && !isAsked) return <Group gap="sm"><Text size="sm" c="dimmed">There is no preview of this kind.</Text><Button size="compact-xs" variant="default" onClick={() => setAsked(true)}>Show as text</Button></Group>;
  if (kind === 'image' && facts.size > mediaLimit && !isAsked) return <Group gap="sm"><Text size="sm" c="dimmed">The image has {bytes(facts.size)}.</Text><Button size="compact-xs" variant="default" onClick={() => setAsked(true)}>Show it</Button></Group>;
  if (kind === 'image' || kind === 'video' || kind === 'audio' || kind === 'pdf') return <Media {...props} kind={kind} />;
  return <TextPreview {...props} kind={kind} />;
}

function Media({ bucket, objectKey, version, kind, facts }: Props & { kind: Kind }) {
  const [isBroken, setBroken] = useState(false);
  const url = useQuery({
    queryKey: ['media', bucket, objectKey, version ?? null, facts.etag],
    // A PDF is asked for as one, so that nothing else is what the frame gets.
    queryFn: async () => (await presign({ ...getting(bucket, objectKey, version, kind === 'pdf' ? 'inline' : undefined, kind === 'pdf' ? 'application/pdf' : undefined), expiresIn: 900 })).url,
    staleTime: 600_000, gcTime: 0, refetchOnWindowFocus: false,
  });
  // The URL lives for minutes: what fails later, as when one goes on with a film, is tried once with a new one.
  const broken = () => {
    if (Date.now() - url.dataUpdatedAt < 30_000) setBroken(true);
    else void url.refetch();
  };
  if (isBroken) return <Alert color="yellow" variant="light">The browser cannot show it. It may be damaged, or of a kind that it does not know.</Alert>;
  return (
    <Loaded query={url}>
      {(src) => (
        <div className="preview">
          {kind === 'image' && <img src={src} alt="What is in the object" onError={broken} />}
          {kind === 'video' && <video src={src} controls preload="metadata" onError={broken} />}
          {kind === 'audio' && <audio src={src} controls preload="metadata" onError={broken} />}
          {kind === 'pdf' && <iframe src={src} title="The document" referrerPolicy="no-referrer" />}
          {kind === 'pdf' && <Button size="compact-xs" variant="subtle" m={6} onClick={() => void url.refetch()}>Load it again</Button>}
        </div>
      )}
    </Loaded>
  );
}

function TextPreview({ bucket, objectKey, version, facts, kind }: Props & { kind: Kind }) {
  const [isSource, setSource] = useState(false);
  const query = useQuery({ queryKey: ['text', bucket, objectKey, version ?? null, facts.etag], queryFn: ({ signal }) => readText(bucket, objectKey, version, textLimit, signal), staleTime: 60_000, gcTime: 60_000 });
  return (
    <Loaded query={query}>
      {({ text, isCut, isBinary }) => (
        <>
          {isBinary && <Text size="sm" c="dimmed" mb="xs">This does not look like text.</Text>}
          {(kind === 'markdown' || kind === 'csv' || kind === 'json') && (
            <Button size="compact-xs" variant="default" mb="xs" onClick={() => setSource(!isSource)}>{isSource ? 'Show it formatted' : 'Show it as it is stored'}</Button>
          )}
          <div className="preview">
            {kind === 'markdown' && !isSource ? <div className="markdown"><Suspense fallback={<Centered />}><Markdown text={text} /></Suspense></div>
              : kind === 'csv' && !isSource ? <Csv text={text} isCut={isCut} />
              : <pre tabIndex={0} aria-label="Text of the object">{kind === 'json' && !isSource && !isCut ? pretty(text) : text}</pre>}
          </div>
          {isCut && <Text size="xs" c="dimmed" mt={6}>The first MiB of {bytes(facts.size)}.</Text>}
        </>
      )}
    </Loaded>
  );
}

function Csv({ text, isCut }: { text: string; isCut: boolean }) {
  const { rows, isCut: isPart } = parseCsv(text, isCut);
  const width = Math.min(60, Math.max(...rows.map((row) => row.length), 1));
  return (
    <div className="csv" tabIndex={0} role="region" aria-label="Rows">
      <Table stickyHeader>
        <Table.Thead><Table.Tr>{rows[0]?.slice(0, width).map((cell, i) => <Table.Th key={i}>{cell}</Table.Th>)}</Table.Tr></Table.Thead>
        <Table.Tbody>{rows.slice(1).map((row, i) => <Table.Tr key={i}>{row.slice(0, width).map((cell, j) => <Table.Td key={j}>{cell}</Table.Td>)}</Table.Tr>)}</Table.Tbody>
      </Table>
      {isPart && <Text size="xs" c="dimmed" p="xs">The first {rows.length - 1} rows.</Text>}
    </div>
  );
}
