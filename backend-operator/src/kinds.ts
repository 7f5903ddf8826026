import { type Backend, BackendType, type Credential, CredentialType, type Task, TaskType } from '@osmo/crds';
import type { ResourceType } from '@osmo/kube';

/** The product's kinds, with the types of their objects for a client. */
export const Tasks: ResourceType<Task> = TaskType;
export const Backends: ResourceType<Backend> = BackendType;
export const Credentials: ResourceType<Credential> = CredentialType;
