"""Runs the unit tests and prints one TAP line per test case.

    unit-tap.py UNIT-TESTS [CATCH2-OPTION...]

Catch2's own TAP speaks of assertions; what is counted and read is test cases.
"""
import subprocess
import sys
import xml.etree.ElementTree as ET


def failures(case):
    """The failed assertions of a test case, as lines."""
    for node in case.iter():
        if node.tag == "Expression" and node.get("success") == "false":
            original = (node.findtext("Original") or "").strip()
            expanded = (node.findtext("Expanded") or "").strip()
            yield f"{node.get('filename')}:{node.get('line')}: {node.get('type')}( {original} ) with {expanded}"
            for info in ("Exception", "FatalErrorCondition"):
                text = node.findtext(info)
                if text:
                    yield f"  {info}: {text.strip()}"
        elif node.tag in ("Failure", "Exception", "FatalErrorCondition") and node.get("filename"):
            yield f"{node.get('filename')}:{node.get('line')}: {node.tag}: {(node.text or '').strip()}"
        elif node.tag in ("Info", "Warning"):
            yield f"  {node.tag}: {(node.text or '').strip()}"


def skipped(case):
    """Why a test case did nothing: it warns "skipped: WHY"."""
    for node in case.iter("Warning"):
        text = (node.text or "").strip()
        if text.startswith("skipped: "):
            return " # SKIP " + text[len("skipped: "):]
    return ""


def main():
    command = sys.argv[1:] + ["-r", "xml"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    count = 0
    running = None
    broken = None
    try:
        for event, node in ET.iterparse(process.stdout, events=("start", "end")):
            if node.tag != "TestCase":
                continue
            if event == "start":
                running = node.get("name")
                continue
            count += 1
            passed = node.find("OverallResult").get("success") == "true"
            print(f"{'ok' if passed else 'not ok'} {count} - {running.replace('#', '')}{skipped(node) if passed else ''}")
            if not passed:
                for line in failures(node):
                    for part in line.splitlines():
                        print("# " + part)
            running = None
            node.clear()
    except ET.ParseError as error:
        broken = error
    status = process.wait()
    # A crash leaves the document unfinished.
    if broken or status < 0 or (running and status):
        count += 1
        print(f"not ok {count} - {running or 'the unit tests'}: ended with status {status}")
        if broken:
            print(f"# {broken}")
    print(f"1..{count}")
    return 1 if status or broken else 0


sys.exit(main())
