/** The program of the threads in which recipes are read; a file of its own, so that it is bundled beside the gateway. */
// Importing it is what starts it.
// oxlint-disable-next-line import/no-unassigned-import
import '@osmo/workflow-spec/worker';
