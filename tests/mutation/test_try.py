from __future__ import annotations
import pickle, time, json
from pathlib import Path
from tests.mutation.model_tests import unit_tests, prepared_connection
from tests.conftest import Deployed


def test_try(sample: Deployed) -> None:
    t0 = time.time()
    tests = unit_tests(sample)
    print("captured", len(tests), time.time() - t0)
    out = {}
    with prepared_connection(sample) as c:
        for m in sorted({t.model for t in tests}):
            t0 = time.time()
            alive = {}
            seen = set()
            inv = set()
            for t in tests:
                if t.model != m:
                    continue
                for name, sql in t.mutants():
                    if name in seen and name not in alive:
                        continue
                    seen.add(name)
                    a = t.tried(c, sql)
                    if a == "same":
                        alive[name] = 1
                    else:
                        alive.pop(name, None)
                        if a == "invalid":
                            inv.add(name)
            out[m] = sorted(alive)
            print(f"{m:35} {len(seen):5} inv {len(inv):4} alive {len(alive):5} {time.time() - t0:.1f}s", flush=True)
    Path("/tmp/mut/alive.json").write_text(json.dumps(out, indent=1, ensure_ascii=False))
