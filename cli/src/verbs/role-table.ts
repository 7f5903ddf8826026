import { table } from '../output/table.ts';
import { shownTime } from '../output/times.ts';
import type { Session } from '../session.ts';

/** A role of a user or token, in upstream's shape. */
export interface RoleAssignment {
  role_name: string;
  assigned_by?: string | null;
  assigned_at?: string | null;
}

/** Roles with who has given them, and when. */
export function roleTable({ host }: Session, roles: readonly RoleAssignment[]): string {
  return table(
    [{ title: 'Role' }, { title: 'Assigned By' }, { title: 'Assigned On' }],
    roles.map(({ role_name: name, assigned_by: by, assigned_at: at }) => [
      name,
      by ?? '-',
      shownTime(at, host.timeZone),
    ]),
  );
}
