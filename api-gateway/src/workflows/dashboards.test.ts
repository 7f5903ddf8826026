import { expect, test } from '@jest/globals';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { dashboardsOf, taskDashboard, workflowDashboards } from './dashboards.ts';

const workflow = workflowOf('w', { spec: { pool: 'lab' } });
const running = taskOf(workflow, 'train', { phase: 'Running', podName: 'p-0', nodeName: 'n/1' });
const waiting = taskOf(workflow, 'train', { phase: 'Pending' });

test.each([
  [undefined, null, null, null],
  ['https://d.example.com/', 'https://d.example.com/', 'https://d.example.com/', 'https://d.example.com/'],
  [
    'https://d.example.com/?uuid={{workflow_uuid}}&id={{ workflow_id }}&ns={{namespace}}&pool={{pool}}',
    'https://d.example.com/?uuid=uid-w&id=w&ns=default&pool=lab',
    'https://d.example.com/?uuid=uid-w&id=w&ns=default&pool=lab',
    'https://d.example.com/?uuid=uid-w&id=w&ns=default&pool=lab',
  ],
  ['https://d/{{pod_namespace}}/{{pod_name}}@{{node_name}}', null, 'https://d/default/p-0@n%2F1', null],
  ['https://d/{{task_name}}/{{task_uuid}}', null, 'https://d/train/uid-w.train', 'https://d/train/uid-w.train'],
  ['https://d/{{constructor}}', null, null, null],
])('%p of a backend is filled in', (dashboardURL, ofWorkflow, ofTask, ofWaiting) => {
  const urls = { dashboardURL, grafanaURL: 'https://g/{{workflow_uuid}}' };
  expect(workflowDashboards(workflow, urls)).toEqual({ dashboard_url: ofWorkflow, grafana_url: 'https://g/uid-w' });
  expect([taskDashboard(workflow, running, urls), taskDashboard(workflow, waiting, urls)]).toEqual([ofTask, ofWaiting]);
  const earlier = taskDashboard(workflow, waiting, urls, { podName: 'p-0', nodeName: 'n/1' });
  expect(earlier).toBe(ofTask);
});

test('the backend is that of the pool', () => {
  const spec = { dashboardURL: 'https://d' };
  const world = {
    pools: { get: (_: undefined, name: string) => (name === 'lab' ? { spec: { backend: 'east' } } : undefined) },
    backends: { get: (_: undefined, name: string) => (name === 'east' ? { spec } : undefined) },
  } as never;
  expect(dashboardsOf('lab', world)).toEqual(spec);
  expect([dashboardsOf('other', world), dashboardsOf(undefined, world)]).toEqual([{}, {}]);
});
