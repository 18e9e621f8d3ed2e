"""`sluice lsp`, driven as an editor does it."""

import tempfile
import unittest
from pathlib import Path

from editor import Closed, Editor
from support import sluice

RULES = """import "lib/lists" as lists;

const BLOCKED = ["a.example", "b.example"];

// Whether we know this sender.
fn known(sender) {
    sender.domain in global::BLOCKED
}

#{
    connect: [
        rule "address" || {
            let ip = ctx::client_ip();
            if ip in lists::HOSTS || lists::listed(ip) { return state::deny(); }
            state::next()
        },
    ],
    mail: [
        rule "sender" || if known(ctx::mail_from()) { state::deny() } else { state::next() },
    ],
}
"""

LISTS = """// Addresses of our own.
export const HOSTS = ["192.0.2.1"];

/// Whether the address is listed.
fn listed(address) { address in global::OTHERS }
private fn hidden() { 1 }
const OTHERS = ["192.0.2.2"];
"""


class Session(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "conf.d").mkdir()
        (self.root / "lib").mkdir()
        self.write("lib/lists.vsl", LISTS)
        self.editor = Editor()
        self.addCleanup(self.editor.__exit__)
        self.editor.initialize(self.root)
        self.editor.notify("initialized")

    def write(self, name, text):
        (self.root / name).write_text(text)
        return self.uri(name)

    def uri(self, name):
        return (self.root / name).as_uri()

    def open(self, name, text):
        return self.editor.open(self.uri(name), text)

    def codes(self, diagnostics):
        return [d["code"] for d in diagnostics]

    # --- diagnostics

    def test_a_broken_script_and_its_correction(self):
        broken = "#{\n    rcpt: [\n        rule \"a\" || state::accpt(),\n    ],\n}\n"
        diagnostics = self.open("filter.vsl", broken)
        self.assertEqual(len(diagnostics), 1)
        only = diagnostics[0]
        self.assertEqual((only["code"], only["severity"], only["source"]), ("E0151", 1, "sluice"))
        self.assertEqual(only["range"]["start"], {"line": 2, "character": 20})
        self.assertIn("accept", only["message"])
        self.assertIn("sluice explain E0151", only["message"])
        self.assertEqual(self.editor.versions[self.uri("filter.vsl")], 1)
        self.assertEqual(self.editor.change(self.uri("filter.vsl"), broken.replace("accpt", "accept")), [])
        self.assertEqual(self.editor.versions[self.uri("filter.vsl")], 2)

    def test_the_same_as_check_says(self):
        text = ("let unused = 1;\n#{ connect: [ rule \"a\" || if 1 == 1 { state::accept() } else { state::next() },\n"
                "rule \"b\" || state::next() ] }\n")
        self.write("conf.d/config.vsl", "fn on_config(config) { config.app.vsl.filter_path = \"filter.vsl\"; config }")
        self.write("filter.vsl", text)
        said = sluice("check", "-c", self.root).stdout
        codes = self.codes(self.open("filter.vsl", text))
        self.assertGreaterEqual(len(codes), 2)
        for code in codes:
            self.assertIn(f"[{code}]", said)
        self.assertEqual(said.count("warning["), len(codes))

    def test_lints_are_warnings(self):
        diagnostics = self.open("filter.vsl", "fn f() { let unused = 1; 2 }\n#{}\n")
        self.assertEqual([(d["code"], d["severity"]) for d in diagnostics], [("W0100", 2)])

    def test_places_count_utf16_units(self):
        diagnostics = self.open("filter.vsl", "let x = \"\U0001F600ä\" + ; #{}\n")
        self.assertEqual(diagnostics[0]["range"]["start"], {"line": 0, "character": 16})

    def test_a_module_is_no_rule_script(self):
        self.assertEqual(self.open("lib/lists.vsl", LISTS), [])
        diagnostics = self.editor.change(self.uri("lib/lists.vsl"), LISTS + "fn f() { ctx::nothing() }\n")
        self.assertEqual(self.codes(diagnostics), ["E0151"])

    def test_open_modules_count_instead_of_the_files(self):
        self.assertEqual(self.open("filter.vsl", RULES), [])
        self.open("lib/lists.vsl", LISTS)
        self.editor.change(self.uri("lib/lists.vsl"), LISTS.replace("HOSTS", "HORSES"))
        self.assertEqual(self.codes(self.editor.diagnostics[self.uri("filter.vsl")]), ["E0151"])
        self.editor.change(self.uri("lib/lists.vsl"), "let = 1;\n")
        [problem] = self.editor.diagnostics[self.uri("filter.vsl")]
        self.assertEqual(problem["range"]["start"]["line"], 0)
        self.assertEqual(problem["relatedInformation"][0]["location"]["uri"], self.uri("lib/lists.vsl"))
        self.editor.change(self.uri("lib/lists.vsl"), LISTS)
        self.assertEqual(self.editor.diagnostics[self.uri("filter.vsl")], [])

    def test_tests_of_rules(self):
        text = '#{ "t": || { let s = session(); s.rcpt("a@b.test").expect("next"); } }\n'
        self.assertEqual(self.open("filter.test.vsl", text), [])
        diagnostics = self.editor.change(self.uri("filter.test.vsl"), text.replace("session()", "sesion()"))
        self.assertEqual(len(diagnostics), 1)
        self.assertIn("did you mean 'session'?", diagnostics[0]["message"])

    def test_configuration_scripts(self):
        text = "fn on_config(config) {\n    config.server.nmae = \"a.example\";\n    config\n}\n"
        self.write("conf.d/config.vsl", text)
        diagnostics = self.open("conf.d/config.vsl", text)
        self.assertEqual(self.codes(diagnostics), ["E0303"])
        self.assertEqual(diagnostics[0]["range"]["start"]["line"], 1)
        broken = self.editor.change(self.uri("conf.d/config.vsl"), text.replace("nmae", "name").replace("config\n}", "confg\n}"))
        self.assertEqual(self.codes(broken), ["E0123"])
        right = text.replace("nmae", "name")
        self.write("conf.d/config.vsl", right)
        self.assertEqual(self.editor.change(self.uri("conf.d/config.vsl"), right), [])
        self.editor.notify("textDocument/didSave", {"textDocument": {"uri": self.uri("conf.d/config.vsl")}})
        self.editor.sync()
        self.assertEqual(self.editor.diagnostics[self.uri("conf.d/config.vsl")], [])

    def test_a_text_that_is_no_file(self):
        uri = "untitled:Untitled-1"
        self.assertEqual(self.codes(self.editor.open(uri, "#{ nowhere: [] }\n")), ["E0202"])
        self.assertEqual(self.editor.change(uri, "#{}\n"), [])

    def test_closing_takes_the_diagnostics_away(self):
        self.open("filter.vsl", "let = 1;")
        self.editor.notify("textDocument/didClose", {"textDocument": {"uri": self.uri("filter.vsl")}})
        self.editor.sync()
        self.assertEqual(self.editor.diagnostics[self.uri("filter.vsl")], [])

    def test_a_loop_at_the_top_level_ends(self):
        self.assertEqual(self.codes(self.open("filter.vsl", "loop {}\n#{}\n")), ["E0200"])

    # --- changes

    def test_incremental_changes(self):
        text = "let a = 1;\n#{}\n// \U0001F600 x\n"
        self.open("filter.vsl", text)

        def at(line, begin, end, new):
            return {"range": {"start": {"line": line, "character": begin}, "end": {"line": line, "character": end}},
                    "text": new}

        self.editor.change(self.uri("filter.vsl"), at(2, 6, 7, "yy"), at(0, 8, 9, "[1,2]"), at(99, 0, 5, "// end"))
        [edit] = self.formatting("filter.vsl")
        self.assertEqual(edit["newText"], "let a = [1, 2];\n#{}\n// \U0001F600 yy\n// end\n")

    def formatting(self, name):
        return self.editor.request("textDocument/formatting", {
            "textDocument": {"uri": self.uri(name)}, "options": {"tabSize": 4, "insertSpaces": True}})["result"]

    # --- hover

    def hover(self, needle, behind=True, text=RULES, name="filter.vsl"):
        found = self.editor.ask_at("hover", self.uri(name), text, needle, behind)
        return found and found["contents"]["value"]

    def test_hover(self):
        self.open("filter.vsl", RULES)
        client = self.hover("ctx::client_i")
        self.assertIn("ctx::client_ip() -> string", client)
        self.assertIn("address of the client", client)
        self.assertIn("from stage `connect`", client)
        self.assertIn("from stage `mail`", self.hover("ctx::mail_fr"))
        self.assertIn("state::deny(", self.hover("state::de"))
        self.assertIn("let ip", self.hover("if i"))
        self.assertIn("const BLOCKED = [", self.hover("global::BLOCK"))
        self.assertIn("parameter", self.hover("{\n    sen"))
        self.assertIn("fn known(sender)", self.hover("if kno"))
        self.assertIn("Whether we know this sender.", self.hover("if kno"))
        self.assertIn("fn listed(address)", self.hover("lists::lis"))
        self.assertIn("Whether the address is listed.", self.hover("lists::lis"))
        self.assertIn("export const HOSTS", self.hover("lists::HO"))
        self.assertIn("stage", self.hover("    conn"))
        self.assertIn("import", self.hover("in lis"))
        self.assertIsNone(self.hover("// Whe"))
        self.assertIsNone(self.hover("\"send"))

    def test_hover_over_methods_and_base_functions(self):
        text = "let a = [1];\na.push(2);\nlet b = parse_int(\"1\") + a.len();\n#{}\n"
        self.open("filter.vsl", text)
        self.assertIn("push(array, any)", self.hover("a.pu", text=text))
        self.assertIn("Changes what it is called on", self.hover("a.pu", text=text))
        self.assertIn("parse_int(string", self.hover("parse_i", text=text))
        self.assertIn("-> i64", self.hover("a.le", text=text))

    def test_hover_over_a_diagnostic_explains_it(self):
        text = "fn f() { let unused = 1; 2 }\n#{}\n"
        self.open("filter.vsl", text)
        told = self.hover("let unu", text=text)
        self.assertIn("let unused", told)
        self.assertIn("**W0100**", told)

    def test_hover_in_a_broken_text(self):
        text = "fn f() { if ctx::client_ip( }\n#{\n"
        self.open("filter.vsl", text)
        self.assertIn("ctx::client_ip() -> string", self.hover("client", text=text))

    # --- completion

    def labels(self, text, needle, name="filter.vsl"):
        if self.uri(name) in self.editor.diagnostics:
            self.editor.change(self.uri(name), text)
        else:
            self.open(name, text)
        return self.editor.labels(self.uri(name), text, needle)

    def test_completion_after_a_module(self):
        labels = self.labels("#{ rcpt: [ rule \"a\" || state:: ] }", "state::")
        self.assertIn("accept", labels)
        self.assertIn("deny", labels)
        self.assertNotIn("client_ip", labels)
        labels = self.labels("#{ rcpt: [ rule \"a\" || ctx::cl ] }", "ctx::cl")
        self.assertIn("client_ip", labels)
        self.assertNotIn("deny", labels)

    def test_completion_tells_signature_and_documentation(self):
        text = "#{ rcpt: [ rule \"a\" || ctx:: ] }"
        self.open("filter.vsl", text)
        items = {i["label"]: i for i in self.editor.ask_at("completion", self.uri("filter.vsl"), text, "ctx::")["items"]}
        self.assertEqual(items["client_ip"]["detail"], "ctx::client_ip() -> string")
        self.assertIn("address of the client", items["client_ip"]["documentation"]["value"])
        self.assertEqual(items["client_ip"]["kind"], 3)

    def test_completion_after_an_imported_module(self):
        self.open("filter.vsl", RULES)
        labels = self.labels(RULES.replace("lists::HOSTS", "lists::"), "in lists::")
        self.assertEqual(sorted(labels), ["HOSTS", "listed"])

    def test_completion_of_stages(self):
        text = "#{\n    connect: [],\n    \n}\n"
        labels = self.labels(text, "[],\n    ")
        self.assertIn("rcpt", labels)
        self.assertNotIn("connect", labels)
        self.assertNotIn("let", labels)
        self.assertNotIn("rcpt", self.labels("let a = #{ b: 1,  };\n#{}\n", "1, "))

    def test_completion_after_a_dot(self):
        labels = self.labels("fn mine(a) { a }\nlet a = [1];\na.\n#{}\n", "a.")
        for name in ("push", "len", "filter", "mine"):
            self.assertIn(name, labels)
        self.assertNotIn("let", labels)

    def test_completion_of_names(self):
        labels = self.labels(RULES, "return st")
        for name in ("ip", "BLOCKED", "known", "lists", "ctx", "state", "return", "parse_int", "rule"):
            self.assertIn(name, labels)
        self.assertNotIn("sender", labels)

    def test_completion_of_constants_of_the_file(self):
        self.assertEqual(self.labels(RULES.replace("global::BLOCKED", "global::"), "global::"), ["BLOCKED"])

    def test_completion_in_a_text_that_never_was_right(self):
        labels = self.labels("fn mine(a) { a }\nlet x = [1;\nlet y = 2;\nm\n#{\n", "2;\nm")
        self.assertIn("mine", labels)

    def test_completion_in_a_broken_text_knows_the_last_good_one(self):
        self.open("filter.vsl", RULES)
        broken = RULES.replace("state::next()\n", "kn\n") + "}}"
        labels = self.labels(broken, "            kn")
        for name in ("known", "BLOCKED", "ip"):
            self.assertIn(name, labels)

    def test_nothing_to_complete(self):
        self.assertEqual(self.labels("// state::\n#{}", "// state::"), [])
        self.assertEqual(self.labels("let a = \"state::\";\n#{}", "\"state::"), [])
        self.assertEqual(self.labels("let st = 1;\n#{}", "let st"), [])
        self.assertIn("accept", self.labels("let a = `${state::}`;\n#{}", "${state::"))
        self.assertEqual(self.labels("let a = `state::`;\n#{}", "`state::"), [])

    def test_configuration_scripts_have_no_rules(self):
        labels = self.labels("fn on_config(config) {\n    let a = \n    config\n}\n", "let a = ", "conf.d/config.vsl")
        self.assertIn("env", labels)
        self.assertNotIn("ctx", labels)
        self.assertNotIn("rule", labels)

    # --- definition

    def definition(self, needle, text=RULES, name="filter.vsl"):
        found = self.editor.ask_at("definition", self.uri(name), text, needle)
        return [(f["uri"], f["range"]["start"]["line"], f["range"]["start"]["character"]) for f in found]

    def test_definitions(self):
        self.open("filter.vsl", RULES)
        here, there = self.uri("filter.vsl"), self.uri("lib/lists.vsl")
        self.assertEqual(self.definition("lists::lis"), [(there, 4, 3)])
        self.assertEqual(self.definition("lists::HO"), [(there, 1, 13)])
        self.assertEqual(self.definition("import \"lib"), [(there, 0, 0)])
        self.assertEqual(self.definition("in lis"), [(there, 0, 0)])
        self.assertEqual(self.definition("if kno"), [(here, 5, 3)])
        self.assertEqual(self.definition("if i"), [(here, 12, 16)])
        self.assertEqual(self.definition("global::BLOCK"), [(here, 2, 6)])
        self.assertEqual(self.definition("{\n    sen"), [(here, 5, 9)])
        self.assertEqual(self.definition("ctx::client"), [])

    def test_definition_of_shadowed_and_captured_variables(self):
        text = "fn f() {\n    let a = 1;\n    { let a = 2; print(a) }\n    let g = |b| a + b;\n    g.call(1)\n}\n#{}\n"
        self.open("filter.vsl", text)
        here = self.uri("filter.vsl")
        self.assertEqual(self.definition("print(a", text), [(here, 2, 10)])
        self.assertEqual(self.definition("|b| a", text), [(here, 1, 8)])
        self.assertEqual(self.definition("a + b", text), [(here, 3, 13)])

    def test_definition_in_a_module_that_is_open(self):
        self.open("filter.vsl", RULES)
        self.open("lib/lists.vsl", "\n\n" + LISTS)
        self.assertEqual(self.definition("lists::lis"), [(self.uri("lib/lists.vsl"), 6, 3)])
        self.assertEqual(self.definition("global::OTH", "\n\n" + LISTS, "lib/lists.vsl"),
                         [(self.uri("lib/lists.vsl"), 8, 6)])

    # --- formatting

    def test_formatting(self):
        self.open("filter.vsl", "let a=[1,2]; // two\n#{ }")
        [edit] = self.formatting("filter.vsl")
        self.assertEqual(edit["newText"], "let a = [1, 2]; // two\n#{}\n")
        self.assertEqual(edit["range"], {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 4}})
        self.editor.change(self.uri("filter.vsl"), edit["newText"])
        self.assertEqual(self.formatting("filter.vsl"), [])
        self.editor.change(self.uri("filter.vsl"), "let = ;")
        self.assertEqual(self.formatting("filter.vsl"), [])


class Protocol(unittest.TestCase):
    def setUp(self):
        self.editor = Editor()
        self.addCleanup(self.editor.__exit__)

    def error(self, method, params=None):
        return self.editor.request(method, params)["error"]["code"]

    def test_the_life_of_a_server(self):
        self.assertEqual(self.error("textDocument/hover"), -32002)
        found = self.editor.initialize()
        self.assertEqual(found["capabilities"]["textDocumentSync"]["change"], 2)
        self.assertEqual(found["serverInfo"]["name"], "sluice")
        self.assertEqual(self.error("initialize"), -32600)
        self.assertIsNone(self.editor.request("shutdown")["result"])
        self.assertEqual(self.error("textDocument/hover"), -32600)
        self.editor.notify("exit")
        self.assertEqual(self.editor.process.wait(30), 0)

    def test_leaving_without_shutdown(self):
        self.editor.initialize()
        self.editor.notify("exit")
        self.assertEqual(self.editor.process.wait(30), 1)

    def test_the_end_of_the_input(self):
        self.editor.initialize()
        self.editor.process.stdin.close()
        self.assertEqual(self.editor.process.wait(30), 1)

    def test_unknown_methods(self):
        self.editor.initialize()
        self.assertEqual(self.error("textDocument/nothing"), -32601)
        self.editor.notify("$/nothing")
        self.editor.notify("$/cancelRequest", {"id": 99})
        self.editor.sync()

    def test_messages_that_are_none(self):
        self.editor.initialize()
        for text, code in (("{", -32700), ("", -32700), ("[" * 1000, -32700), ("[]", -32600), ("1", -32600),
                           ("{}", -32600), ('{"id":1,"method":2}', -32600), ('{"id":[],"method":"x"}', -32600),
                           ('"\\ud800"', -32700)):
            self.editor.send_text(text)
            self.assertEqual(self.editor.receive()["error"]["code"], code, text)
        self.editor.send_bytes(b"Content-Length: 4\r\n\r\n{\xff\xfe}")
        self.assertEqual(self.editor.receive()["error"]["code"], -32700)
        self.editor.send_text('{"id":5,"result":null}')
        self.editor.sync()
        self.assertEqual(self.editor.leave(), 0)

    def test_wrong_parameters(self):
        self.editor.initialize()
        self.editor.open("file:///nowhere/a.vsl", "#{}")
        for method in ("hover", "completion", "definition", "formatting"):
            self.assertEqual(self.error("textDocument/" + method), -32602)
            self.assertEqual(self.error("textDocument/" + method, {"textDocument": {"uri": "file:///other"}}), -32602)
        for position in (None, {}, {"line": "0", "character": 0}, {"line": 0}):
            self.assertEqual(self.error("textDocument/hover", {"textDocument": {"uri": "file:///nowhere/a.vsl"},
                                                               "position": position}), -32602)
        self.editor.notify("textDocument/didOpen", {})
        self.editor.notify("textDocument/didChange", {"textDocument": {"uri": "file:///nowhere/a.vsl"}})
        self.editor.notify("textDocument/didChange", {"textDocument": {"uri": "file:///nowhere/a.vsl"},
                                                      "contentChanges": [1, {"text": 2}, {"range": {}, "text": ""}]})
        self.editor.notify("textDocument/didClose", {"textDocument": {"uri": "file:///other"}})
        self.editor.sync()

    def test_places_that_do_not_exist(self):
        self.editor.initialize()
        uri = "file:///nowhere/a.vsl"
        self.editor.open(uri, "#{}")
        for line, character in ((0, 99), (99, 0), (-1, -5), (1e30, 1e30), (0.5, 0.5)):
            for method in ("hover", "completion", "definition"):
                self.editor.ask(method, uri, line, character)

    def test_headers(self):
        self.editor.send_bytes(b"content-length:  46\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"
                               b'{"jsonrpc":"2.0","id":7,"method":"initialize"}')
        self.assertEqual(self.editor.receive()["id"], 7)
        self.editor.send_bytes(b"Hello: 1\r\n\r\n")
        self.assertEqual(self.editor.receive()["error"]["code"], -32700)
        with self.assertRaises(Closed):
            self.editor.receive()
        self.assertEqual(self.editor.process.wait(30), 1)

    def test_every_beginning_of_a_script(self):
        """While somebody types, nearly every text is broken; every place of it can be asked about."""
        self.editor.initialize()
        uri = "file:///nowhere/filter.vsl"
        self.editor.open(uri, "")
        for end in range(0, len(RULES), 7):
            self.editor.change(uri, RULES[:end])
            self.editor.ask_at("completion", uri, RULES, RULES[:end])
            self.editor.ask_at("hover", uri, RULES, RULES[:end])
            self.editor.ask_at("definition", uri, RULES, RULES[:end])
        self.assertEqual(self.editor.leave(), 0)


if __name__ == "__main__":
    unittest.main()
