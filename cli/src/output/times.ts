import { usageFailure } from '../failure.ts';

/**
 * A time of the gateway (UTC without a zone mark) as upstream shows it: `Jan 31, 2026 13:05 CET`, in the zone of the machine.
 * `-` for none, the text itself for what is no time.
 */
export function shownTime(time: string | null | undefined, timeZone: string | undefined): string {
  if (time === null || time === undefined || time === '') return '-';
  const date = new Date(/[Zz]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(' ', 'T')}Z`);
  if (Number.isNaN(date.getTime())) return time;
  const format = new Intl.DateTimeFormat('en-US', {
    month: 'short',
    day: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(timeZone !== undefined && { timeZone }),
  });
  const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
  return `${parts['month']} ${parts['day']}, ${parts['year']} ${parts['hour']}:${parts['minute']} ${parts['timeZoneName']}`;
}

/**
 * The start of a day in the machine's zone, as the gateway reads times: UTC without a zone mark.
 *
 * @param option where the date was given, for the message
 * @throws Failure for anything but a day as YYYY-MM-DD
 */
export function startOfDay(date: string, option: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  const local = new Date(Number(year), Number(month) - 1, Number(day));
  const isThatDay = local.getMonth() === Number(month) - 1 && local.getDate() === Number(day);
  if (year === undefined || !isThatDay)
    throw usageFailure(`--${option} ${JSON.stringify(date)}: must be a day as YYYY-MM-DD`);
  return local.toISOString().slice(0, 19);
}

/** Seconds as people say them: `42s`, `5m 3s`, `2h 5m`, `3d 4h`. */
export function shownDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return '0s';
  let rest = whole;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return { unit, count };
  });
  return parts
    .filter(({ count }, index) => index === 0 || count > 0)
    .map(({ unit, count }) => `${count}${unit}`)
    .join(' ');
}
