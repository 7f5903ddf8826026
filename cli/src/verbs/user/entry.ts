import { segment } from '../../http/client.ts';
import type { RoleAssignment } from '../role-table.ts';

/** A user in upstream's shape. */
export interface UserEntry {
  id: string;
  created_at?: string | null;
  created_by?: string | null;
  roles?: readonly RoleAssignment[] | null;
}

/** Where the REST API has users. */
export const usersPath = '/api/auth/user';

/** Where it has one of them. */
export const userPath = (id: string): string => `${usersPath}/${segment(id)}`;
