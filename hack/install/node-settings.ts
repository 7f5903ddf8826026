/**
 * How Node runs our programs, in the images and wherever their memory is measured. Nothing here limits the heap: a large
 * installation may need it.
 *
 * A small young generation: by default it grows to 3 × 16 MiB under load and is never given back, for a tenth of the CPU. And
 * an old generation that is collected when it has grown by a fifth: V8's own measure lets garbage grow to several times what
 * is alive, which was a third of the resident memory (docs/benchmarks.md). The task runtime takes the second one back while it moves data.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=2', '--heap-growing-percent=20'];

/**
 * Two arenas of malloc instead of eight for each CPU: what one thread frees another one can use, so that less of what was
 * needed once stays resident.
 */
export const nodeEnvironment: Readonly<Record<string, string>> = { NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' };
