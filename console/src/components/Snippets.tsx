import { Tabs } from '@mantine/core';
import { programsFor, snippet, type Connection } from '../app/snippets';
import { Snippet } from './Text';

export function Snippets(connection: Connection) {
  const programs = programsFor(connection);
  return (
    <Tabs defaultValue="aws" keepMounted={false}>
      <Tabs.List mb="sm">{programs.map(([name, title]) => <Tabs.Tab key={name} value={name}>{title}</Tabs.Tab>)}</Tabs.List>
      {programs.map(([name, title]) => <Tabs.Panel key={name} value={name}><Snippet text={snippet(name, connection)} label={title} /></Tabs.Panel>)}
    </Tabs>
  );
}
