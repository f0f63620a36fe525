/**
 * The only places where a string may become markup: Mantine writes style sheets, which have no `<`, and XML of S3 is parsed into a
 * document of its own, which is never shown. Everything else is refused by the browser.
 */
interface Policies {
  createPolicy(name: string, rules: { createHTML(text: string, type?: string, sink?: string): string | null }): unknown;
}

export function allowStylesAndXml() {
  const policies = (window as { trustedTypes?: Policies }).trustedTypes;
  policies?.createPolicy('default', {
    createHTML: (text, _type, sink) => (sink === 'DOMParser parseFromString' || !text.includes('<') ? text : null),
  });
}

/** The nonce of this page's styles. */
export function styleNonce(): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce || undefined;
}
