"""Adds up what tests said and prints "N passed, M failed", with ", K skipped" when K > 0.

    tally.py POINTS|- TESTLOG.json...

TESTLOG.json is Meson's log, whose tests printed TAP; POINTS has further TAP lines ("-": none). A test that ended
badly without a failed point counts as one failure. Exits 1 when something failed or nothing passed.
"""
import json
import re
import sys

POINT = re.compile(r"^(not )?ok\b(.*)$")
SKIP = re.compile(r"(?<!\\)#\s*skip", re.IGNORECASE)


def count(text):
    """Passed, failed and skipped points of a TAP document."""
    passed = failed = skipped = 0
    for line in text.splitlines():
        point = POINT.match(line)
        if not point:
            continue
        if SKIP.search(point.group(2)):
            skipped += 1
        elif point.group(1):
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def explain(test):
    """Prints the failed points of a test with the comments below them: Meson does not."""
    inside = False
    for line in test.get("stdout", "").splitlines():
        inside = line.startswith("not ok") or (inside and line.startswith("#"))
        if inside:
            print(f"{test['name']}: {line}")


def tests_of(path):
    """The tests of one log; None when there is no log."""
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log]
    except OSError as error:
        print(f"the tests did not run: {error}")
        return None


def main():
    total = [0, 0, 0]
    bad = []
    tests = []
    for path in sys.argv[2:]:
        listed = tests_of(path)
        tests += listed or []
        total[1] += listed is None
    for test in tests:
        points = list(count(test.get("stdout") or ""))
        if test["result"] == "SKIP" and not any(points):
            points[2] = 1
        elif test["result"] not in ("OK", "SKIP") and not points[1]:
            points[1] = 1
        if points[1]:
            explain(test)
            bad.append(f"{test['name']} ({test['result'].lower()})")
        total = [a + b for a, b in zip(total, points)]
    if sys.argv[1] != "-":
        with open(sys.argv[1], encoding="utf-8") as extra:
            text = extra.read()
        total = [a + b for a, b in zip(total, count(text))]
        bad += [line[len("not ok - "):] for line in text.splitlines() if line.startswith("not ok")]
    passed, failed, skipped = total
    if bad:
        print("failed: " + ", ".join(bad))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


sys.exit(main())
