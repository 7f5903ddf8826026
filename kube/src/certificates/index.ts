export { issueInThread, type IssueRequest } from './issue-in-thread.ts';
export { type Generation, type ReadGeneration } from './generation.ts';
export { type CertificateMetrics, CertificateKeeper, type KeeperOptions, type Trusting } from './keeper.ts';
export { type CertificatePolicy, defaultPolicy } from './policy.ts';
