"""What tells code from text, and a block's lines from those behind it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

BRACKETS: Mapping[str, str] = {"(": ")", "[": "]", "{": "}"}
NEVER = r"(?!)"


@dataclass(frozen=True, kw_only=True)
class Lexis:
    """The facts that tell code from text, and a block's lines from those behind it.

    `quotes` delimit strings that end in their line, `long_quotes` those that may go on. `opaque`
    is a pattern of what is passed over as a whole. `opener` matches at the end of a line that
    begins a block; `going_on` a line that continues one at its own level; `closing` a line that
    ends one by words; `neutral` one that may stand anywhere; `method` one that defines a method
    without a word for it; `heredoc` one behind which text comes up to the word in its group;
    `section` one that begins another part of data. Behind `semicolons` comes the line end; `prose`
    has paragraphs instead of blocks; `flat`: blocks are not indented.
    """

    line_comments: tuple[str, ...] = ("//",)
    block_comments: tuple[tuple[str, str], ...] = (("/*", "*/"),)
    quotes: str = "\"'"
    long_quotes: tuple[str, ...] = ()
    opaque: str = ""
    brackets: str = "([{"
    opener: str = r"[{(\[]|=>|->"
    going_on: str = r"\}?\s*(?:else|catch|finally|case|default|while)\b"
    closing: str = NEVER
    neutral: str = NEVER
    semicolons: bool = True
    method: str = NEVER
    heredoc: str = NEVER
    section: str = NEVER
    prose: bool = False
    flat: bool = False

    @cached_property
    def tokens(self) -> re.Pattern[str]:
        """Where something begins or ends while reading code; the group says what."""
        comments = "|".join(_marker(each) for each in self.line_comments) or NEVER
        blocks = "|".join(re.escape(opening) for opening, _ in self.block_comments) or NEVER
        longs = "|".join(re.escape(each) for each in self.long_quotes) or NEVER
        quotes = f"[{re.escape(self.quotes)}]" if self.quotes else NEVER
        both = re.escape(self.brackets + "".join(BRACKETS[each] for each in self.brackets))
        brackets = f"[{both}]" if both else NEVER
        return re.compile(
            rf"(?P<newline>\n)|(?P<block>{blocks})|(?P<comment>{comments})|(?P<long>{longs})"
            rf"|(?P<opaque>{self.opaque or NEVER})|(?P<quote>{quotes})|(?P<bracket>{brackets})"
        )

    @cached_property
    def block_ends(self) -> Mapping[str, str]:
        """What ends a block comment, by what begins it."""
        return dict(self.block_comments)

    @cached_property
    def opens(self) -> re.Pattern[str]:
        """Matches the end of a line that opens a block."""
        return re.compile(rf"(?:{self.opener})$")

    @cached_property
    def goes_on(self) -> re.Pattern[str]:
        """Matches the beginning of a line that continues a block at its own level."""
        return re.compile(rf"\s*(?:{self.going_on})")

    @cached_property
    def closes(self) -> re.Pattern[str]:
        """Matches a line that closes a block: by brackets, a tag or words."""
        return re.compile(rf"\s*(?:[)\]}}]|</|/>|(?:{self.closing})(?!\w))")

    @cached_property
    def heredocs(self) -> re.Pattern[str]:
        """Matches where a text is announced that ends with a word in a line of its own."""
        return re.compile(self.heredoc)

    @cached_property
    def defines(self) -> re.Pattern[str]:
        """Matches a line that begins a definition."""
        return re.compile(f"{DEFINITION.pattern}|{self.method}")

    @cached_property
    def sections(self) -> re.Pattern[str]:
        """Matches a line that begins another part of a document without code."""
        return re.compile(self.section)

    @cached_property
    def is_neutral(self) -> re.Pattern[str]:
        """Matches a line whose indentation says nothing: labels, directives, comments."""
        markers = [*self.line_comments, *(opening for opening, _ in self.block_comments)]
        comments = "|".join(re.escape(each) for each in markers) or NEVER
        return re.compile(rf"\s*(?:{comments}|{self.neutral})")


def _marker(comment: str) -> str:
    """A `#` inside of a word is none: `$#`, `a#b`, `#{x}`."""
    return rf"(?<!\S){re.escape(comment)}" if comment == "#" else re.escape(comment)


_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|"
    r"virtual|inline|extern|unsafe|pub(?:\([^)]*\))?|const|open|sealed|data|suspend|local|declare|"
    r"partial|readonly|constexpr|template)\s+)*"
)
_STATEMENT = (
    r"(?:if|for|foreach|while|switch|catch|return|with|using|lock|else|do|match|loop|unless|until|"
    r"elif|elseif|elsif|new|throw|await|yield|case|when|in|not|and|or|go|defer|guard|try)\b"
)
DEFINITION = re.compile(
    rf"\s*{_MODIFIERS}(?:def|class|function|func|fn|fun|interface|struct|enum|trait|impl|type|module|"
    r"namespace|record|object|protocol|extension|mod|macro|sub|proc|defmodule|defp|void)\b"
    rf"|\s*(?!{_STATEMENT})[\w<>\[\],*&:?$~][\w<>\[\],.*&:?$~ ]*[\s*&]~?[\w:$]+\([^;=]*\)[^;=()]*"
    r"(?:\{\s*)?$|\s*\w+\(\)\s*\{$"
)
"""A line that defines something: by a word, or with the shape of a function's head."""
HOLDS_DEFINITIONS = re.compile(
    r"\b(?:class|interface|struct|enum|trait|impl|module|namespace|record|object|protocol|extension|"
    r"mod|describe|export default|contract|union|extern)\b"
)
"""What is opened by such a line consists of definitions."""
