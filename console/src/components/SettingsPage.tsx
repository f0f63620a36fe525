import { NavLink } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';

/** Sections beside each other as links, so that each has an address; on narrow screens above. */
export function SettingsPage({ sections, current, link, label, children }: { sections: [string, string][]; current: string; link: (section: string) => object; label: string; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null);
  // On narrow screens the sections are a strip, of which the current one may be out of sight.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <div className="settings">
      <nav aria-label={label} ref={nav}>
        {sections.map(([name, title]) => <NavLink key={name} component={Link} {...(link(name) as { to: string })} label={title} active={name === current} {...(name === current ? { 'aria-current': 'page' as const } : {})} className="nav" />)}
      </nav>
      <div style={{ minWidth: 0 }}>{children}</div>
    </div>
  );
}
