/** With `generateName` the name comes after admission; until then a schema is content with this one. */
export function named<T extends { metadata: { name: string } }>(object: T): T {
  return object.metadata.name ? object : { ...object, metadata: { ...object.metadata, name: 'unnamed' } };
}
