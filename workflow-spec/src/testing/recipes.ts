/** A recipe that uses every key and most of what templates can do. */
export const wholeRecipe = `# Train and compare
version: 2
default-values:
  workers: 3
  image: nvcr.io/nvidia/pytorch:24.03-py3
  timeout: {exec_timeout: 2h, queue_timeout: PT1H30M}
  resources:
    default: {cpu: 1, memory: 1Gi, storage: 10G}
    big:
      cpu: 8
      gpu: 1
      memory: 64GiB
      storage: 100Gi
      platform: dgx
      nodesExcluded: [node-1]
      topology: [{key: rack}, {key: zone, group: near, requirementType: preferred}]
workflow:
  name: Train_It
  labels: {team: robots, example.com/cost-center: "12"}
  pool: gpu-pool
  timeout: {{ timeout }}
  resources: {{ resources }}
  groups:
  - name: prepare
    tasks:
    - name: prep
      image: busybox
      command: [sh, -c]
      args:
      - |
        echo "{{workflow_id}}" > {{output}}/id
        echo done
      environment: {ACCEPT_EULA: Y, DEBUG: true, RATE: 1.0, EXTRA: mine}
      outputs:
      - url: s3://bucket/{{workflow_id}}
        regex: .*\\.json
      - dataset: {name: "prepared:{{workflow_id}}", path: out, regex: ".*", metadata: [meta.yaml], labels: [l.yaml]}
      - update_dataset: {name: all, paths: [a, b]}
  - name: train
    barrier: false
    ignoreNonleadStatus: false
    tasks:
    {%- for i in range(workers) %}
    - name: worker-{{ i }}
      {%- if loop.first %}
      lead: true
      {%- endif %}
      image: {{ image }}
      command: [python, train.py]
      args: ["--rank={{ i }}", "--world={{ workers }}", "--master={{host:worker-0}}", "{{input:0}}"]
      inputs:
      - {task: prep, regex: 'id'}
      - task: old-run-7:prep
      - url: gs://other/data
      - dataset: {name: base/images:latest, path: train, regex: .*png}
      resource: big
      credentials:
        my_token: {TOKEN: token}
        certificates: /etc/certs
      files:
      - path: /code/run.sh
        contents: |
          #!/bin/bash
          echo "{{ '{{' }} not a template }}"
      - {path: /work/blob, contents: aGVsbG8=, base64: true}
      volumeMounts: [/data, "/host:/container"]
      privileged: true
      hostNetwork: yes
      exitActions: {reschedule: "3001,3006", COMPLETE: 0-1, FAIL: 137}
      checkpoint: [{path: /code/model, url: s3://bucket/ckpt, frequency: 10m, regex: ".*pt"}]
      downloadType: download
      cacheSize: 80%
      kpis: [{index: speed, path: kpi.json}]
    {%- endfor %}
`;
