/** Reading and writing the XML of S3. Nothing of it ever becomes part of the page: only texts are taken out. */

export interface XmlNode {
  /** The text of the first child of this name, or null. */
  text(name: string): string | null;
  number(name: string): number;
  flag(name: string): boolean;
  child(name: string): XmlNode | null;
  all(name: string): XmlNode[];
  readonly value: string;
  readonly name: string;
  /** A copy that can be changed and written again. */
  draft(): Draft;
}

class Node implements XmlNode {
  constructor(private readonly element: Element) {}
  private first(name: string) {
    for (const child of this.element.children) if (child.localName === name) return child;
    return null;
  }
  text(name: string) {
    return this.first(name)?.textContent ?? null;
  }
  number(name: string) {
    const value = Number(this.text(name));
    return Number.isFinite(value) ? value : 0;
  }
  flag(name: string) {
    return this.text(name) === 'true';
  }
  child(name: string) {
    const found = this.first(name);
    return found ? new Node(found) : null;
  }
  all(name: string) {
    return [...this.element.children].filter((child) => child.localName === name).map((child) => new Node(child));
  }
  get value() {
    return this.element.textContent ?? '';
  }
  get name() {
    return this.element.localName;
  }
  draft() {
    return draftOf(this.element);
  }
}

/**
 * An element that a form changes: what the form does not know stays in it, in its place. A form that wrote a document anew from what it
 * shows would silently remove the rest.
 */
export class Draft {
  constructor(readonly name: string, readonly attributes: [string, string][] = [], public text = '', public children: Draft[] = []) {}

  /** Puts elements in the place of those of their name; none removes them. Elements of before are given again by whoever keeps them. */
  set(name: string, elements: Draft[]): this {
    const at = this.children.findIndex((child) => child.name === name);
    const others = this.children.filter((child) => child.name !== name);
    const before = at < 0 ? others.length : this.children.slice(0, at).filter((child) => child.name !== name).length;
    this.children = [...others.slice(0, before), ...elements, ...others.slice(before)];
    return this;
  }
  /** Puts texts in the place of the elements of this name; null removes them. */
  put(name: string, value: string | number | boolean | null | (string | number)[]): this {
    const texts = value === null ? [] : Array.isArray(value) ? value : [value];
    const old = this.all(name);
    return this.set(name, texts.map((text, i) => new Draft(name, old[i]?.attributes ?? [], String(text))));
  }
  child(name: string): Draft | null {
    return this.children.find((child) => child.name === name) ?? null;
  }
  all(name: string): Draft[] {
    return this.children.filter((child) => child.name === name);
  }
  /** The child of this name, made where there is none. */
  open(name: string): Draft {
    const found = this.child(name);
    if (found) return found;
    const made = new Draft(name);
    this.children.push(made);
    return made;
  }
  copy(): Draft {
    return new Draft(this.name, [...this.attributes], this.text, this.children.map((child) => child.copy()));
  }
  write(): string {
    const attributes = this.attributes.map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join('');
    return `<${this.name}${attributes}>${this.children.length > 0 ? this.children.map((child) => child.write()).join('') : escapeXml(this.text)}</${this.name}>`;
  }
}

function draftOf(element: Element): Draft {
  const attributes = [...element.attributes].filter(({ name }) => name !== 'xmlns' && !name.startsWith('xmlns:')).map(({ name, namespaceURI, value }) => [name, value, namespaceURI] as const);
  return new Draft(
    element.localName,
    // A prefix is declared where it is used: the declarations of the elements around are not copied.
    attributes.flatMap(([name, value, space]) => (space && name.includes(':') && !name.startsWith('xml:') ? [[`xmlns:${name.split(':')[0]}`, space], [name, value]] : [[name, value]]) as [string, string][]),
    element.children.length > 0 ? '' : (element.textContent ?? ''), [...element.children].map(draftOf),
  );
}

/** A whole document of a changed root. */
export const draftDocument = (root: Draft) => declaration + new Draft(root.name, [['xmlns', space], ...root.attributes], root.text, root.children).write();
const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
const space = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** The root of a document; null if it is not XML. */
export function parseXml(text: string): XmlNode | null {
  const root = new DOMParser().parseFromString(text, 'application/xml').documentElement;
  if (!root || root.localName === 'parsererror' || root.getElementsByTagName('parsererror').length > 0) return null;
  return new Node(root);
}

function escapeXml(text: string) {
  return text.replace(/[&<>"'\r\n\t]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A document as nested arrays and objects: an array repeats its element, null and undefined leave it out. */
type XmlValue = string | number | boolean | null | undefined | XmlValue[] | { [name: string]: XmlValue };

function writeXml(name: string, value: XmlValue): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => writeXml(name, item)).join('');
  if (typeof value === 'object') {
    const attributes = Object.entries(value).filter(([key]) => key.startsWith('@')).map(([key, text]) => ` ${key.slice(1)}="${escapeXml(String(text))}"`).join('');
    return `<${name}${attributes}>${Object.entries(value).filter(([key]) => !key.startsWith('@')).map(([key, item]) => writeXml(key, item)).join('')}</${name}>`;
  }
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

export const document = (name: string, value: { [name: string]: XmlValue }) =>
  declaration + writeXml(name, { '@xmlns': space, ...value });
