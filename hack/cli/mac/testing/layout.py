"""Has LIEF judge the layout of the programs that are named, by what Apple's loader refuses: a JSON object by file of what is wrong."""

import json
import sys

import lief


def judge(path):
    program = lief.MachO.parse(path).at(0)
    ok, problem = lief.MachO.check_layout(program)
    return {
        "problem": "" if ok else problem.strip(),
        "symbols": [[s.name, s.value] for s in program.symbols],
        "sections": [[s.segment_name, s.name, s.size, bytes(s.content[:16]).hex()] for s in program.sections],
        "pointers": sorted([r.address, getattr(r, "target", 0)] for r in program.relocations),
        "imports": sorted([b.address, b.symbol.name, b.library.name] for b in program.bindings),
    }


print(json.dumps({path: judge(path) for path in sys.argv[1:]}))
