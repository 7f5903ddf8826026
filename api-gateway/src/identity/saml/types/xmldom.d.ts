/** What is used of @xmldom/xmldom. Its own types bring those of browsers along, for all of the repository. */
export interface XmlNode {
  readonly nodeType: number;
  readonly parentNode: XmlNode | null;
  readonly firstChild: XmlNode | null;
  readonly nextSibling: XmlNode | null;
  readonly textContent: string | null;
}

export interface XmlElement extends XmlNode {
  readonly localName: string;
  readonly namespaceURI: string | null;
  hasAttribute(name: string): boolean;
  getAttribute(name: string): string | null;
}

type Handler = (message: string) => void;

export class DOMParser {
  constructor(options: { errorHandler: { warning: Handler; error: Handler; fatalError: Handler } });
  parseFromString(text: string, type: string): { documentElement: XmlElement | null };
}
