"""Options in groups: dataclasses whose fields are options, and commands whose parameters are such groups.

Typer wants a function with one parameter for each option. `command` makes it from a function that takes groups, and
hands it one object for each, which holds what was typed.
"""

import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias

import typer
from typer.core import TyperCommand

from optviz.errors import UsageError

RUNS, LOOKS, GOES = "What runs", "How it looks", "Where it goes"
KEYWORD = inspect.Parameter.KEYWORD_ONLY
PANELS = ("Arguments", RUNS, LOOKS, GOES, "Options")  # the headings of the help, in this order

Reader: TypeAlias = Callable[[str, Any], Any]  # (the option's name, what was typed) -> its value; refuses the others


@dataclass(frozen=True)
class Option:
    """What there is to say of an option beside its name and the type of what is typed.

    Without a metavar it takes no value. `short` is its name of one letter, `former` one that is still understood;
    `panel` is the heading that it stands under, if not that of its group.
    """

    metavar: str | None
    help: str
    default: Any = None
    read: Reader | None = None
    complete: Callable[[str], list[str]] | None = None
    short: str = ""
    former: str = ""
    panel: str = ""
    argument: bool = False
    hidden: bool = False


def option(metavar: str | None, help: str, default: Any = None, **more: Any) -> Any:
    """A field of a group, or a parameter of a command, described as `Option` says."""
    return field(default=default, metadata={"option": Option(metavar, help, default, **more)})


@dataclass
class Group:
    """Options that belong together; an instance holds what was typed for those that its command takes."""

    panel: ClassVar[str] = "Options"
    taken: ClassVar[dict[str, Option]] = {}

    def read(self) -> dict[str, Any]:
        """The value of each option that the command takes, None where nothing was typed; or a UsageError."""
        return {name: self.read_one(name) for name in self.taken}

    def read_one(self, name: str) -> Any:
        """The value of one option, likewise."""
        typed, reader = getattr(self, name), self.taken[name].read
        return typed if reader is None or typed is None else reader(_flag(name), typed)


class Command(NamedTuple):
    """A command as `_app` registers it: its name, Typer's function, its examples, its line in the list."""

    name: str
    function: Callable[..., None]
    examples: str
    summary: str


def command(
    summary: str, examples: str, *names: str, **changes: Mapping[str, Any]
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function that takes groups, and whose docstring is the command's help.

    An example is two lines, what it does and what is typed. `names` says which options the command takes, for one
    group after the other, of groups without it all; `changes`, what of `Option` is different here, by option.
    """
    lines = [line.strip() for line in examples.strip().splitlines()]
    text = "\n\n".join(f"# {purpose}\n$ optviz {line}" for purpose, line in zip(lines[::2], lines[1::2], strict=True))

    def make(function: Callable[..., None]) -> Command:
        return Command(function.__name__, flat(function, names, changes), text, summary)

    return make


def renamed(old: str, new: Command) -> Command:
    """A command under its former name, which says on standard error what it is called now."""

    @functools.wraps(new.function)
    def call(context: typer.Context, **typed: Any) -> None:
        context.obj.quiet = typed["quiet"]
        context.obj.note(f"optviz {old} is now called optviz {new.name}.")
        new.function(context=context, **typed)

    return new._replace(name=old, function=call)


def flat(function: Callable[..., None], names: Sequence[str], changes: Mapping[str, Any]) -> Callable[..., None]:
    """The function that Typer reads: one parameter for each option of `function` and of the groups that it takes.

    A group that the context holds already (see `_run.run`) is filled and handed on.
    """
    groups: dict[str, tuple[type[Group], dict[str, Option]]] = {}
    formers: dict[str, str] = {}  # option -> its former name
    parameters = {"context": inspect.Parameter("context", KEYWORD, annotation=typer.Context)}
    taken = list(names)
    own = inspect.signature(function).parameters
    for name, parameter in own.items():
        kind = parameter.annotation
        if isinstance(parameter.default, Field):
            parameters[name] = _parameter(name, kind, parameter.default.metadata["option"], "")
        elif name != "context":
            known = {each.name: (each.type, each.metadata["option"]) for each in fields(kind)}
            chosen = taken.pop(0).split() if taken else known
            groups[name] = kind, {each: replace(known[each][1], **changes.get(each, {})) for each in chosen}
            for each, told in groups[name][1].items():
                parameters[each] = _parameter(each, known[each][0], told, kind.panel)
                if told.former:
                    formers[each] = told.former
                    hidden = replace(told, short="", hidden=True)
                    parameters[told.former] = _parameter(told.former, known[each][0], hidden, kind.panel)

    def call(context: typer.Context, **typed: Any) -> None:
        notices = []
        for name, former in formers.items():
            if (value := typed.pop(former)) is not None:
                if typed[name] is not None:
                    raise UsageError(f"{_flag(former)} is now called {_flag(name)}, which is given too", "Give one.")
                typed[name] = value
                notices.append(f"{_flag(former)} is now called {_flag(name)} here.")
        given: dict[str, Any] = {"context": context} if "context" in own else {}
        for name, (kind, options) in groups.items():
            given[name] = group = context.obj if isinstance(context.obj, kind) else kind()
            vars(group).update(taken=options, **{each: typed.pop(each) for each in options})
        for notice in notices:
            context.obj.note(notice)
        if "output" not in parameters:  # it writes no file
            function(**given, **typed)
            return
        from optviz.cli._typed import typed as words
        from optviz.writers import provenance

        with provenance.commanded(words(function.__name__, context)):
            function(**given, **typed)

    shown: Any = call
    shown.__name__, shown.__doc__ = function.__name__, function.__doc__
    shown.__signature__ = inspect.Signature([*parameters.values()])
    shown.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    return call


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _parameter(name: str, kind: Any, told: Option, panel: str) -> inspect.Parameter:
    """What Typer is told of an option."""
    shared: dict[str, Any] = {"metavar": told.metavar, "help": told.help, "autocompletion": told.complete}
    shared["show_default"] = isinstance(told.default, str | tuple)
    default = told.default
    if told.argument:
        info = typer.Argument(**shared)
        default = inspect.Parameter.empty if default is ... else default
    else:
        shared |= {"rich_help_panel": told.panel or panel, "hidden": told.hidden, "count": kind is int}
        info = typer.Option(_flag(name), *filter(None, [told.short]), **shared)
    return inspect.Parameter(name, KEYWORD, annotation=Annotated[kind, info], default=default)


class Manual(TyperCommand):
    """A command whose help reads like a manual page: what it does, its options by group, examples line by line.

    The help is plain text: Typer's own panels would load a second library and break when the text is piped. What takes
    one value takes it once: of two the last would win, and nobody would say so.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, and refuse an option that is given a second value."""
        if not ctx.resilient_parsing:  # as for completion, when the line is not finished
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            for told in order:
                repeatable = told.multiple or getattr(told, "count", False) or getattr(told, "is_flag", False)
                if told.param_type_name == "option" and not repeatable and order.count(told) > 1:
                    raise UsageError(f"{max(told.opts, key=len)} is given twice", "Give it once.")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write each group of options under its own heading."""
        groups: dict[str, list[tuple[str, str]]] = {heading: [] for heading in PANELS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if parameter.param_type_name == "argument" else Group.panel
                groups[getattr(parameter, "rich_help_panel", None) or usual].append(record)
        for heading, records in groups.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples as they stand."""
        if self.epilog:
            formatter.write("\nExamples:\n" + textwrap.indent(self.epilog, "  ") + "\n")
