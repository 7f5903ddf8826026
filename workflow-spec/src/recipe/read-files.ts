import type { TaskTemplateInput } from '@osmo/crds';
import { keysOf } from './keys/key.ts';
import { fileSection } from './keys/task-sections.ts';
import type { Field } from './node-reader.ts';
import type { ReadContext } from './read-context.ts';
import { unreadFile } from './stand-ins.ts';

type File = NonNullable<TaskTemplateInput['files']>[number];

/** `files`: contents written in the recipe, or those of a file beside it. */
export function readFiles(context: ReadContext, field: Field | undefined, path: string): File[] {
  const { reader, origins } = context;
  return reader.items(field).map((item, index) => {
    origins.set(`${path}[${index}]`, item);
    const fields = reader.fields(item, keysOf(fileSection));
    for (const [key, entry] of fields) origins.set(`${path}[${index}].${key}`, entry);
    const target = reader.text(reader.required(item, fields, 'path'));
    const base64 = reader.flag(fields.get('base64'));
    const contents = readContents(context, item, fields);
    if (base64 === true && contents !== undefined && !isBase64(contents))
      reader.refuse(fields.get('contents') ?? item, 'must be base64, since base64 is true');
    const stand = unreadFile(index);
    return {
      path: target ?? stand.path,
      contents: contents ?? stand.contents,
      ...(base64 !== undefined && contents !== undefined && { base64 }),
    };
  });
}

function readContents(
  { reader, localFiles }: ReadContext,
  item: Field,
  fields: ReadonlyMap<string, Field>,
): string | undefined {
  const local = fields.get('localpath');
  if (!local) return reader.text(reader.required(item, fields, 'contents'));
  if (fields.has('contents')) return reader.refuse(local, "can't be set together with contents");
  const name = reader.text(local);
  if (name === undefined) return undefined;
  const contents = localFiles?.get(name);
  if (contents !== undefined) return contents;
  const why = localFiles
    ? 'names a file that was not found'
    : "is a file on the user's machine: submit with the osmo command, which reads it";
  return reader.refuse(local, why);
}

const isBase64 = (text: string): boolean => {
  const bare = text.replaceAll(/\s/g, '');
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
};
