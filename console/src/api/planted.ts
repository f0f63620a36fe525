/** What the server says to a browser with several cookies of the console's name, before it does anything. */
const several = 'several cookies';

/** Whether an answer says that another page of this host has set a cookie of the console's name. */
export const isPlanted = async (response: Response) => response.status === 409 && (await response.clone().text()).includes(several);

/**
 * Removes the cookies of the console's name that a script can have set for a path or any above it, from whichever port. The session's own stays: it is HttpOnly, which no script removes, nor can set.
 */
export function removePlanted(path: string) {
  const names = window.location.hostname.split('.');
  const domains = ['', ...names.map((_, at) => `; domain=${names.slice(at).join('.')}`)];
  const parts = path.split('/').slice(1);
  const paths = ['/', ...parts.flatMap((_, at) => [`/${parts.slice(0, at + 1).join('/')}`, `/${parts.slice(0, at + 1).join('/')}/`])];
  for (const at of paths) for (const domain of domains) for (const more of ['', '; secure; partitioned']) document.cookie = `tarn=; max-age=0; path=${at}${domain}${more}`;
}
