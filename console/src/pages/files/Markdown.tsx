import ReactMarkdown from 'react-markdown';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';

/** What a Markdown object may become: no HTML of its own, of images only their description, links that leave the page only. */
export const schema = {
  ...defaultSchema,
  tagNames: (defaultSchema.tagNames ?? []).filter((name) => !['picture', 'source', 'input'].includes(name)),
  attributes: { a: ['href'], img: ['alt'], code: [['className', /^language-./] as [string, RegExp]], th: ['align'], td: ['align'], ol: ['start'] },
  protocols: { href: ['http', 'https', 'mailto'] },
};

/** How deeply quotes and lists may be within each other. The parser takes time and stack for each level, and the page a box. */
const deepest = 40;

/** Whether a line opens more levels than a person writes: quotes, list items, indents, or brackets of links. */
export const isTooDeep = (text: string) => new RegExp(`^[ \\t]*(?:>[ \\t]*|(?:[-*+]|\\d{1,9}[.)])[ \\t]+){${deepest},}`, 'm').test(text) || /^[ \t]{160,}\S/m.test(text) || /[[(*_~]{200,}/.test(text);

export default function Markdown({ text }: { text: string }) {
  if (isTooDeep(text)) return <pre tabIndex={0} aria-label="Text of the object">{text}</pre>;
  return (
    <ReactMarkdown
      skipHtml remarkPlugins={[remarkGfm]} rehypePlugins={[[rehypeSanitize, schema]]}
      components={{
        // An address of the object's author: only whole ones, and the page that is opened learns nothing of this one.
        a: ({ href, children }) => (href && /^(https?|mailto):/i.test(href) ? <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a> : <span>{children}</span>),
        img: ({ alt }) => <em>[image{alt ? `: ${alt}` : ''}]</em>,
      }}
    >
      {text}
    </ReactMarkdown>
  );
}
