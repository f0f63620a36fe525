import { Alert, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Schemas } from '../api/client';
import { Facts } from './Layout';
import { Snippet } from './Text';

const by: Record<string, string> = {
  ownership: 'Ownership of the bucket', organizationPolicy: "A policy of the owner's organization", requesterPolicy: "A policy of the requester's organization", rolePolicy: 'A policy of the role', sessionPolicy: 'The policy of the session',
  bucketPolicy: 'The bucket policy', keyPolicy: 'The policy of the access key', accessControlList: 'An access control list', publicAccessBlock: 'The block of public access', outOfReach: 'Beyond what the policy can give',
  foreignObject: 'The object is of another owner', initiator: 'Who began the upload', firstPolicy: 'The first policy of the bucket', nothing: 'Nothing allows it', expectedOwner: 'The expected owner', signature: 'The signature', other: 'Another rule',
};

/** A decision, by which rule, and the sentences of the server. */
export function Explanation({ data }: { data: Schemas['ExplanationView'] }) {
  const isAllowed = data.decision === 'allowed';
  const facts: [string, React.ReactNode][] = [['Decided by', by[data.by] ?? data.by]];
  if (data.policy) facts.push(['Policy', data.policy]);
  if (data.statement) facts.push(['Statement', data.statement]);
  else if (data.statementIndex !== null && data.statementIndex !== undefined) facts.push(['Statement', `number ${data.statementIndex + 1}`]);
  if (data.grant) facts.push(['Grant', `${data.grant.permission} to ${data.grant.grantee}`]);
  if (data.principal) facts.push(['Who', data.principal]);
  if (data.action) facts.push(['Action', data.action]);
  if (data.resource) facts.push(['Resource', data.resource]);
  if (data.accessKey) facts.push(['Access key', data.accessKey]);
  return (
    <Alert mt="md" variant="light" color={isAllowed ? 'teal' : 'red'} icon={isAllowed ? <IconCircleCheck size={18} /> : <IconCircleX size={18} />} title={isAllowed ? 'Allowed' : 'Denied'}>
      <Text size="sm" mb="sm">{data.reason}</Text>
      <Facts items={facts} />
      {data.context && Object.keys(data.context).length > 0 && <Text size="sm" mt="sm" component="div"><b>Conditions were about</b><Snippet label="conditions" text={JSON.stringify(data.context, null, 2)} /></Text>}
      {data.signature && (
        <Text size="sm" mt="sm" component="div">
          <b>The signature should have covered</b>
          {data.signature.canonicalRequest && <Snippet label="canonical request" text={data.signature.canonicalRequest} />}
        </Text>
      )}
    </Alert>
  );
}
