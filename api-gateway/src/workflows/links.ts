/** Addresses at which a workflow's parts are read. */
export function linksOf(baseUrl: string, id: string) {
  const api = `${baseUrl}/api/workflow/${encodeURIComponent(id)}`;
  return {
    overview: `${baseUrl}/workflows/${encodeURIComponent(id)}`,
    spec: `${api}/spec`,
    template_spec: `${api}/spec?use_template=true`,
    logs: `${api}/logs`,
    error_logs: `${api}/error_logs`,
    events: `${api}/events`,
  };
}

/** The same for one attempt of a task. */
export function taskLinks(baseUrl: string, id: string, task: string, attempt: number) {
  const query = `?task_name=${encodeURIComponent(task)}&retry_id=${attempt}`;
  const { logs, error_logs, events } = linksOf(baseUrl, id);
  return { logs: `${logs}${query}`, error_logs: `${error_logs}${query}`, events: `${events}${query}` };
}
