import * as z from 'zod';
import { bytes, cpu } from './quantity.ts';
import { flag, freeForm, integer, keyedList, list, object, oneOf, stringMap, text, time } from './fields.ts';
import { withRules } from './rules.ts';

const labelKey =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$';
const labelKeyRegExp = new RegExp(labelKey.replaceAll('\\\\', '\\'));
const isLabelKey = (key: string): boolean => {
  const [name = '', prefix = ''] = key.split('/').toReversed();
  return labelKeyRegExp.test(key) && name.length <= 63 && prefix.length <= 253;
};

/** Labels: keys and values in Kubernetes' syntax. `min: 1` also refuses empty values, as upstream does. */
export const labels = (doc: string, { max, min = 0 }: { max: number; min?: 0 | 1 }) =>
  withRules(
    stringMap(
      doc,
      text('value of the label.', {
        min,
        max: 63,
        pattern:
          min === 1 ? /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/ : /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
        what: "a label value: letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
      }),
      { max },
    ),
    [
      {
        rule: `self.all(key, size(key) <= 317 && key.matches('${labelKey}') && size(key.split('/')[size(key.split('/')) - 1]) <= 63)`,
        message:
          "keys must be label keys: an optional DNS prefix and '/', then at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
        holds: (value) => Object.keys(value).every(isLabelKey),
      },
    ],
  );

/** core/v1 Toleration. */
export const toleration = object('Toleration of a taint.', {
  key: z.exactOptional(text('key is the key of the taint; every taint when it is not set.', { max: 317 })),
  operator: z.exactOptional(oneOf('operator says how value is compared.', ['Exists', 'Equal'])),
  value: z.exactOptional(text('value of the taint, for the operator Equal.', { max: 63 })),
  effect: z.exactOptional(
    oneOf('effect of the taint; every effect when it is not set.', ['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  ),
  tolerationSeconds: z.exactOptional(
    integer('tolerationSeconds is how long a NoExecute taint is tolerated, in seconds; for ever when it is not set.', {
      min: 0,
      max: 2 ** 31,
    }),
  ),
});

export const tolerations = (doc: string) => list(doc, toleration, { max: 32 });
export const nodeSelector = (doc: string) => labels(doc, { max: 32 });

/** The part of a pod template that is merged over what the product generates. */
export const podTemplate = (doc: string) =>
  object(doc, {
    metadata: freeForm('metadata of the pods: labels and annotations.').optional(),
    spec: freeForm(
      "spec of the pods, as in core/v1 PodSpec. Maps merge deeply, lists merge by their items' name, everything else is replaced.",
    ).optional(),
  });

/** Resources that a task gets when nothing else says how much. */
export const resourceAmounts = (doc: string) =>
  object(doc, {
    cpu: cpu('cpu is the number of CPUs.').optional(),
    memory: bytes('memory is the amount of memory.').optional(),
    storage: bytes('storage is the amount of ephemeral storage.').optional(),
    gpu: integer('gpu is the number of GPUs.', { min: 0, max: 1024 }).optional(),
  });

/** Name and value of a template variable. */
export const variable = object('One template variable.', {
  name: text('name of the variable.', {
    min: 1,
    max: 128,
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    what: "letters, digits and '_', not starting with a digit",
  }),
  value: text('value of the variable.', { max: 4096 }),
});

/** What happens when a task ends with certain exit codes; at most `max` rules. */
export const exitActions = (doc: string, max = 16) =>
  list(
    doc,
    object('One rule: exit codes and what they lead to.', {
      action: oneOf(
        'action to take: Complete counts the task as completed, Fail as failed, Reschedule runs it again as a new attempt.',
        ['Complete', 'Fail', 'Reschedule'],
      ),
      exitCodes: text("exitCodes it applies to: codes and inclusive ranges, e.g. '0,10-20'.", {
        min: 1,
        max: 256,
        pattern: /^[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*$/,
        what: "exit codes and ranges separated by commas, such as '0,10-20'",
      }),
    }),
    { max },
  );

/** How often, and after which pauses, a task is tried again. */
export const retryPolicy = (doc: string) =>
  object(doc, {
    maxRetries: integer(
      'maxRetries is how often the task is run again for what its command did: an exit action Reschedule, or, where this is set, any failure that no exit action names. When it is not set, only an exit action Reschedule runs it again, at most 3 times.',
      { min: 0, max: 1000 },
    ).optional(),
    maxInfrastructureRetries: integer(
      'maxInfrastructureRetries is how often the task is run again for what the cluster did: preemption, eviction, a lost node, an image that could not be pulled. 3 when it is not set.',
      { min: 0, max: 1000 },
    ).optional(),
    backoffSeconds: integer(
      'backoffSeconds is the pause before the first retry; it doubles with each further one. 0, no pause, when it is not set.',
      { min: 0, max: 86_400 },
    ).optional(),
    maxBackoffSeconds: integer('maxBackoffSeconds is the longest pause; 600 when it is not set.', {
      min: 1,
      max: 86_400,
    }).optional(),
  });

/** One object stands for many: as many as `count`, or one for each combination of the values of `matrix`. */
export const fanOut = (what: string) => ({
  count: integer(
    `count makes so many instances of the ${what}, named <name>-0, <name>-1 and so on. {{index}} stands for the number of the instance, {{count}} for how many there are.`,
    { min: 1, max: 10_000 },
  ).optional(),
  matrix: list(
    `matrix makes an instance of the ${what} for each combination of values, named <name>-0, <name>-1 and so on, the last axis changing first. {{matrix.AXIS}} stands for the value. Not together with count.`,
    object('One axis.', {
      name: text('name of the axis.', {
        min: 1,
        max: 63,
        pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
        what: "letters, digits and '_', not starting with a digit",
      }),
      values: list('values of the axis.', text('One value.', { max: 256 }), { min: 1, max: 10_000 }),
    }),
    { min: 1, max: 8 },
  ).optional(),
  maxParallel: integer(
    `maxParallel is how many instances of the ${what} may be started and not ended at a time; any number when it is not set.`,
    { min: 1, max: 10_000 },
  ).optional(),
});

/** Who stopped something, and why. It can't be taken back. */
export const cancellation = (doc: string) =>
  object(doc, {
    by: text('by is who cancels.', { max: 256 }).optional(),
    reason: text('reason is why, for people.', { max: 1024 }).optional(),
    force: flag('force kills at once what runs, without the time that a pod has to end in order.').optional(),
  });

/** metav1.Condition, keyed by type. */
export const conditions = (doc: string) =>
  keyedList(
    doc,
    'type',
    object('One aspect of the state.', {
      type: text('type of the condition.', {
        min: 1,
        max: 316,
        pattern: /^[A-Za-z]([A-Za-z0-9_./-]*[A-Za-z0-9])?$/,
        what: 'a word in CamelCase',
      }),
      status: oneOf('status of the condition.', ['True', 'False', 'Unknown']),
      observedGeneration: z.exactOptional(
        integer('observedGeneration is the generation of the object that the condition was computed from.', {
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
        }),
      ),
      lastTransitionTime: time('lastTransitionTime is when status changed last.'),
      reason: text('reason is one word in CamelCase for programs; docs/reference/constants.md lists them.', {
        min: 1,
        max: 1024,
        pattern: /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/,
        what: 'one word in CamelCase',
      }),
      message: text('message says the same for people.', { max: 32768 }),
    }),
    { max: 16 },
  );

/** Fields that every status starts with. */
export const statusHead = (conditionTypes: string) => ({
  conditions: conditions(`conditions of the object: ${conditionTypes}.`).default([]),
  observedGeneration: integer(
    'observedGeneration is the generation of the object that this status was computed from.',
    {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    },
  ).optional(),
});

/** Metadata and labels of datasets: what people say about data, for queries. */
export const anyJson = (doc: string) => freeForm(doc, 1024);

/** Words that several kinds share. */
export const priority = (doc: string) => oneOf(doc, ['High', 'Normal', 'Low']);
export const reason = (doc: string) =>
  text(doc, { max: 64, pattern: /^[A-Za-z][A-Za-z0-9]*$/, what: 'one word in CamelCase' });
export const statusMessage = (doc: string) => text(doc, { max: 4096 });
