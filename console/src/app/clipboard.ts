/**
 * Copies a text; false where the browser does not let a page do that. On plain HTTP browsers have no clipboard for pages, only the command
 * of old, which copies what is selected.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused, as in a window without the focus: the command may still do it.
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.setAttribute('aria-hidden', 'true');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  // A dialog keeps the focus within itself.
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  (focused?.closest('[role="dialog"]') ?? document.body).append(field);
  field.focus({ preventScroll: true });
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
    focused?.focus();
  }
}
