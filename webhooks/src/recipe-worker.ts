/** The program of the thread in which recipes of apps are read; a file of its own, so that it is bundled beside the webhooks. */
// Importing it is what starts it.
// oxlint-disable-next-line import/no-unassigned-import
import '@osmo/workflow-spec/worker';
