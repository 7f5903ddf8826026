/**
 * Whether plain data holds more than so many characters in its keys, texts and numbers, so that it would be longer still as
 * JSON. What is referred to many times counts many times. It stops at the limit.
 */
export function isLongerThan(data: unknown, limit: number): boolean {
  let left = limit;
  const open: unknown[] = [data];
  while (open.length > 0 && left >= 0) {
    const value = open.pop();
    if (typeof value === 'string') left -= value.length;
    else if (typeof value !== 'object' || value === null) left -= 1;
    else if (Array.isArray(value)) {
      left -= value.length;
      // A list that is too long for the limit isn't gone through.
      if (left >= 0) for (const item of value as unknown[]) open.push(item);
    } else {
      for (const [key, item] of Object.entries(value)) {
        left -= key.length;
        open.push(item);
      }
    }
  }
  return left < 0;
}
