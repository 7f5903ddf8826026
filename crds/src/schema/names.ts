import { text } from './fields.ts';

/** Names that users give to groups, tasks and resources: upstream's grammar. */
export const osmoName = (doc: string) =>
  text(doc, {
    min: 1,
    max: 64,
    pattern: /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
    what: "a name of letters, digits, '-' and '_' that starts with a letter and ends with a letter or digit",
  });

/** Name of an object that also serves as a label value or a part of another name: a DNS label. */
export const dnsLabel = (doc: string) =>
  text(doc, {
    min: 1,
    max: 63,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    what: "lower-case letters, digits and '-', starting and ending with a letter or digit",
  });

/** Name of any Kubernetes object: a DNS subdomain. */
export const objectName = (doc: string) =>
  text(doc, {
    min: 1,
    max: 253,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    what: "lower-case letters, digits, '-' and '.', each part starting and ending with a letter or digit",
  });

/** UID that the apiserver gave an object. */
export const uid = (doc: string) =>
  text(doc, { min: 1, max: 64, pattern: /^[a-zA-Z0-9-]+$/, what: 'a UID as the apiserver gives them' });

/** An absolute path in a container. */
export const absolutePath = (doc: string) =>
  text(doc, { max: 1024, pattern: /^\/[^:\x00]*$/, what: "an absolute path such as '/data', without ':'" });

/**
 * A regular expression that picks files by their path. Whether it compiles is not checked here: its dialect is not the
 * apiserver's.
 */
export const fileFilter = (doc: string) => text(doc, { max: 1024 });

/** A place in object storage. */
export const storageUrl = (doc: string) =>
  text(doc, {
    max: 1024,
    pattern: /^(s3|gs|azure|tos|swift):\/\/[^\s,;*]+$/,
    what: "an object storage URL: 's3://', 'gs://', 'azure://', 'tos://' or 'swift://' and a path without blanks, ',', ';', '*'",
  });

/** A place that holds a bucket: object storage, or a folder that all who use it see at the same path. */
export const bucketUrl = (doc: string) =>
  text(doc, {
    max: 1024,
    pattern: /^((s3|gs|azure|tos|swift):\/\/[^\s,;*]+|file:\/\/\/[^\s,;*]+)$/,
    what: "an object storage URL: 's3://', 'gs://', 'azure://', 'tos://', 'swift://' or 'file:///' and a path without blanks, ',', ';', '*'",
  });

/** Digest of a manifest of a repository, with its algorithm. */
export const manifestDigest = (doc: string) =>
  text(doc, {
    max: 144,
    pattern: /^[a-z0-9]{1,15}:[0-9a-f]{32,128}$/,
    what: "an algorithm, ':' and hexadecimal digits",
  });

/** Name of a dataset alone, as people write it. */
export const datasetWord = (doc: string) =>
  text(doc, {
    min: 1,
    max: 63,
    pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
    what: "letters, digits, '-' and '_', starting and ending with a letter or digit",
  });

/** Name of a Dataset object: the bucket's, a dot and the dataset's in lower case. */
export const datasetObject = (doc: string) =>
  text(doc, {
    min: 3,
    max: 127,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    what: "the bucket's name, a dot and the dataset's in lower case, with '-' for '_'",
  });

/** Name of a dataset, with an optional bucket before and an optional version or tag after it. */
export const datasetName = (doc: string) =>
  text(doc, {
    min: 1,
    max: 256,
    pattern: /^([a-zA-Z0-9_{}-]+\/)?[a-zA-Z0-9_{}-]+(:[a-zA-Z0-9_.{}-]+)?$/,
    what: "'[bucket/]name[:version or tag]' of letters, digits, '-' and '_'",
  });

/** Name of an environment variable. */
export const variableName = (doc: string) =>
  text(doc, {
    min: 1,
    max: 256,
    pattern: /^[-._a-zA-Z][-._a-zA-Z0-9]*$/,
    what: "letters, digits, '_', '-' and '.', not starting with a digit",
  });
