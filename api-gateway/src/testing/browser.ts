/** What of a browser signing in needs: cookies, redirects and forms. */
export interface TestBrowser {
  /** Goes to an address and on wherever that leads. */
  go(
    address: string,
    init?: { method?: string; body?: URLSearchParams; headers?: Record<string, string> },
  ): Promise<Page>;
  /** Cookies of a host and port as a request would have them. */
  cookies(origin: string): string;
}

export interface Page {
  /** Where it ended. */
  url: string;
  status: number;
  text: string;
  headers: Headers;
  /** Addresses on the way, this one included. */
  way: string[];
}

/** A browser without scripts or pictures. Ports of a host have cookies of their own, unlike real ones: both run on one machine here. */
export function testBrowser(): TestBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  const cookies = (origin: string): string => [...jarOf(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    cookies,
    async go(address, init = {}) {
      const way: string[] = [];
      let [url, method, body] = [address, init.method ?? 'GET', init.body];
      for (let hops = 0; hops < 20; hops++) {
        way.push(url);
        const { origin } = new URL(url);
        // One after the other: each says where the next is.
        // oxlint-disable-next-line no-await-in-loop
        const response = await fetch(url, {
          method,
          redirect: 'manual',
          headers: { cookie: cookies(origin), ...init.headers },
          ...(body && { body }),
        });
        for (const each of response.headers.getSetCookie()) take(jarOf(origin), each);
        // oxlint-disable-next-line no-await-in-loop
        const text = await response.text();
        const location = response.headers.get('location');
        if (location === null) return { url, status: response.status, text, headers: response.headers, way };
        url = new URL(location, url).href;
        [method, body] = ['GET', undefined];
      }
      throw new Error(`redirects without end: ${way.join(' ')}`);
    },
  };
}

/** Signs in on the pages of the provider in ./openid-provider.ts, from its first one to wherever it leads back. */
export async function signInAt(browser: TestBrowser, first: Page, user: string): Promise<Page> {
  let page = first;
  for (let forms = 0; forms < 6; forms++) {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page.text)?.[1];
    if (action === undefined || prompt === undefined) return page;
    const body = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: user, password: 'any' }) });
    // oxlint-disable-next-line no-await-in-loop
    page = await browser.go(new URL(action, page.url).href, { method: 'POST', body });
  }
  return page;
}

function take(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const gone = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=Thu, 01 Jan 1970/i.test(each));
  if (gone) jar.delete(name);
  else jar.set(name, value);
}
