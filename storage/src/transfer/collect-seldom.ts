import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow to four times what is alive before V8 collects all of it, in the whole process and for good: for programs that
 * fetch data and end. What passes through them lies outside of the heap, but V8 takes it for growth, and by its own measure marks the same
 * few megabytes again and again: for a tenth of the CPU of restoring (docs/benchmarks.md).
 */
export function collectSeldom(): void {
  setFlagsFromString('--heap-growing-percent=300');
}
