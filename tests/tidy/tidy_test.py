#!/usr/bin/env python3
"""Shows that each house rule has teeth: a small clean tree passes, one bad file in it is found."""

import pathlib
import tempfile
import unittest

import tidy

HEADER = "// What it is for.\n#pragma once\n\n"


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.put("src/base/result.h", HEADER)
        self.put("src/ledger/line.h", HEADER + '#include "base/result.h"\n')
        self.put("src/adapters/sqlite/store.cpp", '#include "ledger/line.h"\n#include <sqlite3.h>\n')

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def finds(self, name, text, what, line=None):
        """One bad file gives one finding, which names file and line and says what is wrong."""
        self.put(name, text)
        found = tidy.check(self.root)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{name}:{line or ''}"), found[0])
        self.assertIn(what, found[0])

    def test_a_clean_tree_has_no_finding(self):
        self.assertEqual(tidy.check(self.root), [])

    def test_a_floor_does_not_include_upward(self):
        self.finds("src/base/a.cpp", '\n#include "ledger/line.h"\n', "src/base may not", 2)

    def test_the_ledger_does_not_know_the_domain(self):
        self.finds("src/ledger/a.cpp", '#include "migration/state.h"\n', "src/ledger may not", 1)

    def test_the_engine_knows_no_adapter(self):
        self.finds("src/engine/a.cpp", '#include "adapters/sqlite/store.h"\n', "src/engine may", 1)

    def test_nothing_below_includes_tools(self):
        self.finds("src/engine/a.cpp", '#include "tools/context.h"\n', "not a header of a floor", 1)

    def test_an_include_beside_the_file_is_not_relative_to_src(self):
        self.finds("src/base/a.cpp", '#include "result.h"\n', "relative to src", 1)

    def test_adapters_do_not_see_each_other(self):
        self.finds("src/adapters/haproxy/a.cpp", '#include "adapters/sqlite/store.h"\n', "wiring", 1)

    def test_wiring_sees_every_adapter(self):
        self.put("src/adapters/wiring/a.cpp", '#include "adapters/sqlite/store.h"\n')
        self.assertEqual(tidy.check(self.root), [])

    def test_a_library_stays_in_its_adapter(self):
        self.finds("src/adapters/haproxy/a.cpp", "#include <sqlite3.h>\n", "stays in", 1)

    def test_a_pure_floor_does_no_io(self):
        self.finds("src/migration/a.cpp", "#include <fstream>\n", "no I/O", 1)

    def test_no_clock_outside_system(self):
        text = "auto now = std::chrono::system_clock::now();\n"
        self.finds("src/engine/a.cpp", text, "clock", 1)
        self.put("src/engine/a.cpp", "")
        self.put("src/adapters/system/a.cpp", text)
        self.assertEqual(tidy.check(self.root), [])

    def test_no_old_clock_either(self):
        self.finds("tools/a.cpp", "auto now = time(nullptr);\n", "clock", 1)

    def test_no_sleep_in_a_test_of_pure_code(self):
        self.finds("tests/ledger/a.cpp", "std::this_thread::sleep_for(kPause);\n", "sleeps", 1)

    def test_a_clock_in_a_comment_or_a_string_is_a_word(self):
        self.put("src/base/a.cpp", '// system_clock::now()\nauto a = "sleep(1)";\n')
        self.assertEqual(tidy.check(self.root), [])

    def test_an_exception_that_is_not_needed_is_found(self):
        self.finds("src/adapters/haproxy/socket_client.cpp", "// nothing asks a clock\n", "no longer needed", 1)

    def test_no_exception_leaves_a_pure_floor(self):
        self.finds("src/base/a.cpp", "void f() { throw 1; }\n", "errors are values", 1)

    def test_a_file_has_an_end(self):
        self.finds("src/base/a.cpp", "int a;\n" * 451, "451 lines", 451)

    def test_a_function_has_an_end(self):
        body = "  call();\n" * 69
        self.finds("src/base/a.cpp", f"void f() {{\n{body}}}\n", "a function of 71 lines", 1)

    def test_a_long_constructor_with_initialisers_is_found(self):
        body = "  if (x) {\n  }\n" * 40
        text = f"Class::Class(\n    int a\n)\n    : a_(a) {{\n{body}}}\n"
        self.finds("src/base/a.cpp", text, "a function of", 1)

    def test_a_function_of_seventy_lines_is_let_be(self):
        body = "  call();\n" * 68
        self.put("src/base/a.cpp", f"void f() {{\n{body}}}\n" * 3)
        self.assertEqual(tidy.check(self.root), [])

    def test_a_header_opens_with_a_comment(self):
        self.finds("src/base/a.h", "#pragma once\n", "opens with its purpose", 1)

    def test_a_header_is_read_once(self):
        self.finds("src/base/a.h", "// A comment.\n", "#pragma once", 1)

    def test_nothing_is_left_to_do(self):
        self.finds("tests/e2e/a.sh", "true\n# TO" "DO later\n", "issue", 2)

    def test_a_suppression_names_its_check(self):
        self.finds("src/base/a.cpp", "int a;  // NOLINT\n", "names its check", 1)

    def test_an_event_has_its_schema_and_its_golden_bytes(self):
        self.put("schema/events/hal9.a.b.v1.schema.json", "{}\n")
        self.put("tests/golden/events/hal9.a.b.v1.json", "{}\n")
        self.put("src/migration/a.cpp", 'auto a = "hal9.a.b.v1";\n')
        self.assertEqual(tidy.check(self.root), [])
        (self.root / "tests/golden/events/hal9.a.b.v1.json").unlink()
        self.assertIn("has no tests/golden/events", tidy.check(self.root)[0])

    def test_a_schema_without_its_event_is_found(self):
        self.finds("schema/events/hal9.old.name.v1.schema.json", "{}\n", "no event of src/", 1)


if __name__ == "__main__":
    unittest.main()
