"""Tells the prose of a Typst source from its code: what was typed by hand, for a test to read."""

import re

STATEMENT = re.compile(r"#(let|set|show|import|include|for|if)\b")
CALL = re.compile(r"#?[a-zA-Z_][\w-]*(\.[a-zA-Z_][\w-]*)*")
SKIPPED = re.compile(r"//[^\n]*|@[\w-]+(\[\])?|<[\w-]+>|\\.")
STRING = re.compile(r'"(\\.|[^"\\])*"|//[^\n]*')


def prose_of(source: str) -> str:
    """The words of markup: no code, strings, comments, labels, references or escapes.

    Content blocks within code, such as captions and claims, are markup again. `#;` stands where a
    semicolon ends a macro and is not printed.
    """
    prose: list[str] = []
    modes = ["markup"]
    at = 0
    while at < len(source):
        inside = modes[-1]
        if inside in ("markup", "content"):
            at = _markup(source, at, modes, prose)
        else:
            at = _code(source, at, modes, prose)
    return "".join(prose)


def _markup(source: str, at: int, modes: list[str], prose: list[str]) -> int:
    if found := SKIPPED.match(source, at):
        return found.end()
    if found := STATEMENT.match(source, at):
        modes.append("statement")
        return found.end()
    if source[at] == "#" and (found := CALL.match(source, at)):
        modes.append("call")
        prose.append(" ")
        return found.end()
    if source[at] == "#":  # a block of code
        modes.append("call")
        return at + 1
    if source[at] == "]" and modes[-1] == "content":
        modes.pop()
        prose.append(" ")
        return at + 1
    prose.append(source[at])
    return at + 1


def _code(source: str, at: int, modes: list[str], prose: list[str]) -> int:
    letter = source[at]
    if modes[-1] == "call" and letter not in "([{.":
        modes.pop()
        prose.append("#" * (letter == ";"))
        return at
    if modes[-1] == "call" and letter == ".":
        if found := re.compile(r"\.[a-zA-Z_][\w-]*").match(source, at):
            return found.end()
        modes.pop()
        return at
    if found := STRING.match(source, at):
        return found.end()
    if letter in "({":
        modes.append("code")
    elif letter == "[":
        modes.append("content")
    elif letter in ")}" or (letter == "\n" and modes[-1] == "statement"):
        modes.pop()
    return at + 1
