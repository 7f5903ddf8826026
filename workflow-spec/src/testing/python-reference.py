"""Answers what Jinja2 and PyYAML make of a text: a line of JSON for each line of JSON on the standard input."""

import json
import re
import signal
import sys

import jinja2
import yaml
from jinja2.sandbox import SandboxedEnvironment

environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined)
special = re.compile(r'\{\{(?:uuid|workflow_id|output|(?:input|host):[^{}\n\r]*)\}\}')


def render(template, values):
    """Renders with the special tokens out of the way, which upstream does too."""
    kept = []

    def keep(match):
        kept.append(match.group())
        return f'\ue000{len(kept) - 1}\ue001'

    text = environment.from_string(special.sub(keep, template)).render(yaml.safe_load(values) or {})
    return re.sub('\ue000(\\d+)\ue001', lambda match: kept[int(match.group(1))], text)


def too_late(*_):
    raise TimeoutError('too late')


signal.signal(signal.SIGALRM, too_late)
for line in sys.stdin:
    question = json.loads(line)
    try:
        signal.alarm(300)
        if question['kind'] == 'render':
            answer = {'text': render(question['template'], question['values'])}
        else:
            answer = {'text': repr(yaml.safe_load(question['text']))}
    except Exception as error:
        answer = {'error': f'{type(error).__name__}: {error}'}
    signal.alarm(0)
    print(json.dumps(answer))
