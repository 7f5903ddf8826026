import { DOMParser, type XmlElement } from '@xmldom/xmldom';
import { SamlError } from './saml-error.ts';

/** Letters of a response, elements in it, and elements in one another, at most. A real one has 10,000, 60 and 10. */
const longestXml = 192 << 10;
const mostTags = 4_000;
const deepest = 40;

/**
 * Reads XML that somebody sent. It may hold elements, attributes and text, nothing else: no document type and so no entities, no
 * processing instructions, no comments, which are what readers of XML differ in.
 *
 * @throws SamlError
 */
export function readXml(text: string): XmlElement {
  if (text.length > longestXml) throw new SamlError('it is too long');
  const plain = text.replace(/^\uFEFF?\s*<\?xml [^<>?]*\?>/, '');
  if (/<[!?]/.test(plain))
    throw new SamlError('it holds a document type, a comment or an instruction, which are refused');
  if (plain.split('<').length > mostTags) throw new SamlError('it has too many elements');
  const problem = (): never => {
    throw new SamlError('it is no well-formed XML');
  };
  let root: XmlElement | null;
  try {
    const errorHandler = { warning: problem, error: problem, fatalError: problem };
    root = new DOMParser({ errorHandler }).parseFromString(plain, 'text/xml').documentElement;
  } catch {
    throw new SamlError('it is no well-formed XML');
  }
  if (root === null) throw new SamlError('it is no well-formed XML');
  if (elementsOf(root).some(({ depth }) => depth > deepest))
    throw new SamlError('its elements are too deep in one another');
  return root;
}

/** An element and all in it, with how deep each is; without recursion, whatever was sent. */
export function elementsOf(root: XmlElement): { element: XmlElement; depth: number }[] {
  const found = [{ element: root, depth: 1 }];
  for (let at = 0; at < found.length; at++) {
    const { element, depth } = found[at] as { element: XmlElement; depth: number };
    for (const child of childrenOf(element)) found.push({ element: child, depth: depth + 1 });
  }
  return found;
}

/** The elements directly in an element; by namespace and name, where they are given. */
export function childrenOf(element: XmlElement, namespace?: string, name?: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType !== 1) continue;
    const child = node as XmlElement;
    if (namespace === undefined || isNamed(child, namespace, name ?? '')) found.push(child);
  }
  return found;
}

export function isNamed(element: XmlElement, namespace: string, name: string): boolean {
  return element.namespaceURI === namespace && element.localName === name;
}

/** The value of an attribute without a namespace; undefined: it isn't there. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  return element?.hasAttribute(name) === true ? (element.getAttribute(name) ?? undefined) : undefined;
}

/** All text of an element, without what is around it. */
export function textOf(element: XmlElement | undefined): string {
  return (element?.textContent ?? '').trim();
}
