import { type Operation, operation } from '../http/operation.ts';
import { openApiDocument } from './document.ts';
import { documentPage } from './page.ts';

/** The document about all operations, these included, and a page to read it. */
export function openApiOperations(others: readonly Operation[]): Operation[] {
  const paths = ['/api/openapi.json', '/openapi.json'];
  const own: Operation[] = [
    ...paths.map((path, index) =>
      operation({
        id: index === 0 ? 'getOpenApi' : 'getOpenApiAtRoot',
        action: 'system:Docs',
        method: 'get',
        path,
        tag: 'System',
        summary: 'Reads this document',
        open: true,
        answer: { description: 'OpenAPI 3.1.', schema: { type: 'object' } },
        handle: () => ({ text: document(), type: 'application/json' }),
      }),
    ),
    operation({
      id: 'getDocs',
      action: 'system:Docs',
      method: 'get',
      path: '/api/docs',
      tag: 'System',
      summary: 'Shows this document as a page',
      open: true,
      answer: { description: 'A page.', type: 'text/html' },
      handle: () => {
        const { text, policy } = documentPage([...others, ...own]);
        return { text, type: 'text/html; charset=utf-8', headers: { 'content-security-policy': policy } };
      },
    }),
  ];
  const document = (): string => JSON.stringify(openApiDocument([...others, ...own]));
  return own;
}
