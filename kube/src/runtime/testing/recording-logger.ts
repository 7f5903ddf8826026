import { loggable, type Logger, type LogLevel } from '../logger.ts';

export interface LogLine {
  level: LogLevel;
  message: string;
  fields: Record<string, unknown>;
}

/** A logger that keeps what was logged, with the fields of its ancestors. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly LogLine[];
}

export function recordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const make = (base: object): Logger => {
    const at = (level: LogLevel) => (message: string, fields: object) =>
      void lines.push({ level, message, fields: loggable({ ...base, ...fields }) });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...base, ...fields }),
    };
  };
  return Object.assign(make({}), { lines });
}
