"""What comes from memory fits the document as it is now, not as it was when it was asked for."""

import pytest

from codestral_ls.model import Answer, Source
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for


@pytest.mark.parametrize(
    ("marked", "written", "typed", "then", "language"),
    [
        (
            "x = ‸\n",
            '{\n    "a": 1,\n    "b": 2,\n}',
            "x = {\n    ‸\n}\n",
            '"a": 1,\n    "b": 2,',
            "python",
        ),
        (
            "foo(‸);\n",
            "() => {\n  a();\n  b();\n});\n",
            "foo(() => {\n  ‸\n});\n",
            "a();\n  b();",
            "javascript",
        ),
        (
            "func f() ‸\n",
            "int {\n\treturn 1\n}\n",
            "func f() int {\n\t‸\n}\n",
            "return 1",
            "go",
        ),
        (
            "fn swap(i: u16) -> u16 {‸}\n",
            "\n    u16::from_be(i)\n}\n",
            "fn swap(i: u16) -> u16 {\n    u16::from_be(‸)}\n",
            "i)\n}",
            "rust",
        ),
        (
            "function f(el) {‸}\n",
            "\n    if (is(el)) {\n        el.pause();\n    }\n}\n",
            "function f(el) {\n    if (‸)}\n",
            "is(el)) {\n        el.pause();\n    }\n}",
            "javascript",
        ),
        ("f(‸)\n", '"hello", c)', 'f("he‸")\n', 'llo", c)', "python"),
    ],
)
async def test_what_the_editor_has_closed_meanwhile_is_not_closed_again(
    marked: str, written: str, typed: str, then: str, language: str
) -> None:
    """The bracket or quote that was typed has brought its closer, and Enter has moved it down."""
    script = ScriptedProvider(written)
    engine = engine_for(script)
    asked = await engine.complete(request(marked, language=language))
    assert isinstance(asked, Answer)
    again = await engine.complete(request(typed, language=language))
    assert isinstance(again, Answer)
    assert (again.text, again.source) == (then, Source.TYPED_THROUGH)
    line = again.text + typed.partition("‸")[2][again.replaces :]
    assert line.count('"') % 2 == typed.partition("‸")[0].count('"') % 2
    assert len(script.prompts) == 1
