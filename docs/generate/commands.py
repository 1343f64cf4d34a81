"""A page for every command: its help, options by heading, and examples."""

from collections.abc import Iterator
from typing import Any

from generate.markdown import code, page, paragraphs, plain, table, toctree
from optviz.cli._app import FORMER, app
from optviz.cli._errors import EXIT_CODES
from optviz.cli._groups import PANELS, Group


def tree() -> dict[str, Any]:
    """Every command by what is typed, those of groups too: ``"cache clear"``."""
    from typer.main import get_command

    found: dict[str, Any] = {}
    for name, command in get_command(app).commands.items():
        if name in FORMER:
            continue
        for inner, one in getattr(command, "commands", {"": command}).items():
            found[f"{name} {inner}".strip()] = one
    return found


def pages() -> Iterator[tuple[str, str]]:
    """The pages of all commands."""
    known = tree()
    yield "commands/index.md", page(_index(known))
    for name, command in known.items():
        yield f"commands/{_file(name)}.md", page(_command(name, command))


def _file(name: str) -> str:
    return name.replace(" ", "-")


def _index(known: dict[str, Any]) -> Iterator[str]:
    yield from ("# The command line", "")
    yield (
        "Results go to standard output, everything else to standard error; `--json` prints one document instead, `-q` "
        "keeps the rest silent. `optviz COMMAND --help` prints these pages in a terminal."
    )
    yield ""
    rows = [(f"[optviz {name}]({_file(name)}.md)", plain(_summary(one))) for name, one in known.items()]
    yield from table(("command", "what it does"), rows)
    yield from ("Exit codes:", "")
    yield from table(("code", "means"), [(str(number), plain(words)) for number, words in EXIT_CODES.items()])
    yield from toctree(map(_file, known))


def _summary(command: Any) -> str:
    return command.short_help or command.help.partition("\n")[0]


def _command(name: str, command: Any) -> Iterator[str]:
    yield from (f"# optviz {name}", "")
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    words = [f"[{_written(one)}]" if not one.required else _written(one) for one in arguments]
    yield from code(" ".join(["optviz", name, *words, "[OPTIONS]"]), "text")
    yield from paragraphs(command.help or "")
    if command.epilog:
        yield from ("## Examples", "", *code(command.epilog, "sh"))
    for heading in PANELS:
        rows = [(_flags(one), plain(_words(one))) for one in command.params if _heading(one) == heading]
        if rows:
            yield from (f"## {heading}", "", *table(("option", "what it does"), rows))
    yield "[All commands](index.md)"


def _heading(option: Any) -> str:
    """The heading under which an option stands in the help; none of a hidden one."""
    if getattr(option, "hidden", False):
        return ""
    usual = "Arguments" if option.param_type_name == "argument" else Group.panel
    return getattr(option, "rich_help_panel", None) or usual


def _flags(option: Any) -> str:
    if option.param_type_name == "argument":
        return f"`{_written(option)}`"
    names = ", ".join(sorted(option.opts, key=len))
    takes = "" if option.is_flag or option.count or not option.metavar else f" {option.metavar}"
    return f"`{names}{takes}`".replace("|", "\\|")


def _written(option: Any) -> str:
    return option.metavar or option.name.upper()


def _words(option: Any) -> str:
    usual = option.default
    if isinstance(usual, tuple | list):
        usual = ",".join(map(str, usual))
    return f"{option.help} Default: {usual}." if isinstance(usual, str) and usual else option.help or ""
