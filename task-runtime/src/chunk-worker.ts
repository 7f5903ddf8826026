/** The program of the threads that read and compress what is uploaded; a file of its own, so that it is bundled beside the runtime. */
// Importing it is what starts it.
// oxlint-disable-next-line import/no-unassigned-import
import '@osmo/storage/repository/worker';
