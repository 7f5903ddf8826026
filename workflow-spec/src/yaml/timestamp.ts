import { PyDate } from '../python/value.ts';

const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d{1,2})(?::(\d{2}))?))?)?$/;
const two = (value: number): string => String(value).padStart(2, '0');

/** A date or time as PyYAML makes it, undefined when there is no such one. */
export function timestamp(text: string): PyDate | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1, 4).map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  if (match[4] === undefined) return new PyDate('datetime.date', date, `datetime.date(${year}, ${month}, ${day})`);
  const [hour = 0, minute = 0, second = 0] = match.slice(4, 7).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const micro = Number((match[7] ?? '').slice(0, 6).padEnd(6, '0'));
  const zone = zoneOf(match);
  if (zone === undefined) return undefined;
  const fraction = micro === 0 ? '' : `.${String(micro).padStart(6, '0')}`;
  const parts = [
    year,
    month,
    day,
    hour,
    minute,
    ...(second !== 0 || micro !== 0 ? [second] : []),
    ...(micro === 0 ? [] : [micro]),
  ];
  return new PyDate(
    'datetime.datetime',
    `${date} ${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone.text}`,
    `datetime.datetime(${[...parts, ...zone.argument].join(', ')})`,
  );
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The zone at the end of `str()` and the argument of `repr()`. */
function zoneOf(match: RegExpExecArray): { text: string; argument: string[] } | undefined {
  const [zone, sign] = [match[8], match[9]];
  if (zone === undefined) return { text: '', argument: [] };
  const utc = { text: '+00:00', argument: ['tzinfo=datetime.timezone.utc'] };
  if (sign === undefined) return utc;
  const minutes = Number(match[10]) * 60 + Number(match[11] ?? 0);
  if (minutes >= 24 * 60) return undefined;
  if (minutes === 0) return utc;
  const text = `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  const seconds = minutes * 60;
  const delta = sign === '-' ? `days=-1, seconds=${86_400 - seconds}` : `seconds=${seconds}`;
  return { text, argument: [`tzinfo=datetime.timezone(datetime.timedelta(${delta}))`] };
}
