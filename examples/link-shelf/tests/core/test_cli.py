import contextlib
import io
import unittest
from unittest import mock

from shelf import cli


def run(*argv):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(list(argv))
    return code, out.getvalue(), err.getvalue()


class CliTest(unittest.TestCase):
    def test_status_names_what_is_built_and_what_is_missing(self):
        with mock.patch.object(cli, "built", lambda part: part == "search"):
            code, out, _ = run()
        self.assertEqual(code, 0)
        self.assertIn("built    search", out)
        self.assertIn("missing  storage", out)

    def test_a_command_says_what_it_waits_for(self):
        with mock.patch.object(cli, "built", lambda part: False):
            code, out, err = run("add", "http://a.example/")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(err, "shelf: not built yet: shelf/storage.py, shelf/validation.py\n")
