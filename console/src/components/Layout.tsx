import { Anchor, Breadcrumbs, Group, Loader, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { visible } from '../app/format';
import { Problem } from './Problem';

/** A page's head: where it is, its title, and what can be done here. */
export function PageHead({ title, about, actions, trail }: { title: string; about?: ReactNode; actions?: ReactNode; trail?: ReactNode[] }) {
  useEffect(() => {
    document.title = `${visible(title)} · Tarn`;
  }, [title]);
  return (
    <Stack gap={4} mb="md">
      {trail && <Breadcrumbs separator="/" separatorMargin={6} className="trail">{trail}</Breadcrumbs>}
      <Group justify="space-between" align="center" gap="sm">
        <Title order={1} className="page-title">{visible(title)}</Title>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {about && <Text c="dimmed" size="sm" component="div">{about}</Text>}
    </Stack>
  );
}

/** What to do where there is nothing yet. With `isPage` there is nothing else on the page, and this is its head. */
export function Empty({ icon, title, children, action, isPage = false }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode; isPage?: boolean }) {
  useEffect(() => {
    if (isPage) document.title = `${title} · Tarn`;
  }, [isPage, title]);
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center" className="empty">
      {icon && <div className="empty-icon" aria-hidden>{icon}</div>}
      {isPage ? <Title order={1} fz="md" fw={600}>{title}</Title> : <Text fw={600}>{title}</Text>}
      {children && <Text c="dimmed" size="sm" maw={460} component="div">{children}</Text>}
      {action && <div>{action}</div>}
    </Stack>
  );
}

/** The data of a query, or that it is on its way, or what went wrong. */
export function Loaded<T>({ query, children, rows = 4, title }: { query: UseQueryResult<T>; children: (data: T) => ReactNode; rows?: number; title?: string }) {
  if (query.data !== undefined)
    return (
      <>
        {query.isError && <Problem error={query.error} title="This may be out of date" onRetry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  if (query.isError) return <Problem error={query.error} {...(title ? { title } : {})} onRetry={() => void query.refetch()} />;
  return <Stack gap="xs" aria-busy aria-label="Loading">{Array.from({ length: rows }, (_, i) => <Skeleton key={i} height={34} />)}</Stack>;
}

export const Centered = () => <Group justify="center" py="xl"><Loader aria-label="Loading" /></Group>;

/** A part of a page, with its title. */
export function Section({ title, about, actions, children }: { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="section">
      <Group justify="space-between" align="flex-start" mb="sm" gap="sm">
        <div className="section-head">
          <Title order={2}>{title}</Title>
          {about && <Text c="dimmed" size="sm" component="div">{about}</Text>}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </section>
  );
}

/** Names and values beneath each other. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return <dl className="facts">{items.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

export const DocLink = ({ href, children }: { href: string; children: ReactNode }) => <Anchor href={href} inherit underline="always" target="_blank" rel="noreferrer">{children}</Anchor>;
