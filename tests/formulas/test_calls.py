"""The notation of units with their numbers: what is read, what is refused, and that it is written again."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz.errors import UsageError
from optviz.formulas.calls import CONSTANTS, Call, Duration, assigned, parse, split, written


def call(name, *positional, **named):
    return Call(name, positional, tuple(named.items()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("adam", call("adam")),
        (" adam ( ) ", call("adam")),
        ("adam(beta1=0.5)", call("adam", beta1=0.5)),
        ("adam(variant=keras)", call("adam", variant="keras")),
        ("sgd(momentum=0.9, nesterov=True)", call("sgd", momentum=0.9, nesterov=True)),
        ("sgd(nesterov=false)", call("sgd", nesterov=False)),
        ("heavy-ball", call("heavy-ball")),
        ("@adam-family", call("@adam-family")),
        ("my.rule+x_2", call("my.rule+x_2")),
        ("Adam(betas=(0.9, 0.99))", call("Adam", betas=(0.9, 0.99))),
        ("lookahead(adam, k=5)", call("lookahead", call("adam"), k=5)),
        ("lookahead(ema(adam), k=5,)", call("lookahead", call("ema", call("adam")), k=5)),
        ("cosine(0.1, warmup=100)", call("cosine", 0.1, warmup=100)),
        ("cosine(0.1, warmup=5%)", call("cosine", 0.1, warmup=Duration(5, "%"))),
        ("step(0.1, every=2epochs)", call("step", 0.1, every=Duration(2, "epochs"))),
        ("step(0.1, every= .5 epoch )", call("step", 0.1, every=Duration(0.5, "epochs"))),
        ("100 steps", Duration(100, "steps")),
        (
            "sequence(constant(0.1), linear(final=0), at=100)",
            call("sequence", call("constant", 0.1), call("linear", final=0), at=100),
        ),
        ("multistep(0.1, at=(30, 80))", call("multistep", 0.1, at=(30, 80))),
        ("adam(lr=cosine(0.1, warmup=100))", call("adam", lr=call("cosine", 0.1, warmup=100))),
        ("inf", math.inf),
        ("-inf", -math.inf),
        ("1e-3", 1e-3),
        ("-0.5", -0.5),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("True", True),
        ("()", ()),
        ("(1)", (1,)),
        ("(1, (2, a),)", (1, (2, call("a")))),
        ('"quoted text"', "quoted text"),
        ("'it is \"so\" (a, b'", 'it is "so" (a, b'),
        (r'"a \" \\ b"', 'a " \\ b'),
        ("9" * 400, math.inf),
    ],
)
def test_text_is_read(text, value):
    read = parse(text, "value")
    assert read == value
    assert type(read) is type(value)
    assert parse(written(read), "value") == value
    hash(read)


def test_whole_numbers_stay_whole():
    assert isinstance(parse("100", "value"), int)
    assert isinstance(parse("100.0", "value"), float)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("lookahead( adam,k = 5 )", "lookahead(adam, k=5)"),
        ("adam()", "adam"),
        ("multistep(at=(30,))", "multistep(at=(30,))"),
        ("step(1.0, every=1 epoch, mode='two words')", 'step(1, every=1epochs, mode="two words")'),
        ("adam(variant='keras')", "adam(variant=keras)"),
        ("adam(variant='True')", 'adam(variant="True")'),
        ("adam(lr=cosine())", "adam(lr=cosine())"),
    ],
)
def test_text_is_written_in_one_way(text, canonical):
    assert written(parse(text, "value")) == canonical


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the schedule '' ends where a value should stand"),
        ("cosine(", "the schedule 'cosine(' ends where a value should stand"),
        ("cosine(0.1,", "the schedule 'cosine(0.1,' ends where a value should stand"),
        ("cosine(0.1", "the schedule 'cosine(0.1' ends where a comma or ) should stand"),
        ("cosine(0.1))", "the schedule 'cosine(0.1))' has ')' at letter 12, after its end"),
        ("cosine(0.1 warmup=3)", "the schedule 'cosine(0.1 warmup=3)' has 'warmup' at letter 12 where a comma or )"),
        ("lr=", "the schedule 'lr=' has '=' at letter 3, after its end"),
        ("adam(lr=", "the schedule 'adam(lr=' ends where a value should stand"),
        ("adam(lr=)", "the schedule 'adam(lr=)' has ')' at letter 9 where a value should stand"),
        ("adam(lr=1, 2)", "the schedule 'adam(lr=1, 2)' has a value without a name at letter 12, after lr="),
        ("adam(lr=1, lr=2)", "the schedule 'adam(lr=1, lr=2)' gives lr a second time at letter 12"),
        ("adam(,)", "the schedule 'adam(,)' has ',' at letter 6 where a value should stand"),
        ("adam(f(1)=2)", "the schedule 'adam(f(1)=2)' has '=' at letter 10 where a comma or )"),
        ("a b", "the schedule 'a b' has 'b' at letter 3, after its end"),
        ("--5", "the schedule '--5' has '--5' at letter 1, which is neither a number nor a name"),
        ("lr(5x)", "the schedule 'lr(5x)' has '5x' at letter 4, which is neither a number nor a name"),
        ("nan", "the schedule 'nan' has 'nan' at letter 1, which is neither a number nor a name"),
        ("a(5*3)", "the schedule 'a(5*3)' has '*' at letter 4, which nothing is written with"),
        ("a('b)", 'the schedule "a(\'b)" has a quotation mark without its other one at letter 3'),
    ],
)
def test_half_typed_text_is_refused(text, problem):
    with pytest.raises(UsageError) as caught:
        parse(text, "schedule")
    assert caught.value.problem.startswith(problem)
    assert caught.value.remedy.endswith(".")


def test_brackets_are_not_read_for_ever():
    assert parse("(" * 20 + ")" * 20, "value")
    for text in ("(" * 10_000, "a(" * 10_000, "a(b=" * 10_000):
        with pytest.raises(UsageError, match="too many brackets in brackets"):
            parse(text, "value")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("adam", ["adam"]),
        ("adam, lookahead(adam, k=5)", ["adam", "lookahead(adam, k=5)"]),
        ("adam(betas=(0.9, 0.99)),@classic", ["adam(betas=(0.9, 0.99))", "@classic"]),
        ("a,,b,", ["a", "", "b", ""]),
        ("'a, b', c", ["'a, b'", "c"]),
        ("a(b, c", ["a(b, c"]),
        ("a), b", ["a)", "b"]),
    ],
)
def test_a_list_is_split_outside_of_brackets(text, parts):
    assert split(text) == parts


WORDS = (*CONSTANTS, "nan")
names = st.from_regex(r"\A[a-zA-Z_@][a-zA-Z0-9_.+@-]{0,8}\Z").filter(
    lambda name: name.lower() not in (*CONSTANTS, "nan")
)
plain = st.integers() | st.floats(allow_nan=False) | st.booleans()
durations = st.builds(
    Duration, st.integers(0) | st.floats(0, allow_infinity=False), st.sampled_from(["%", "steps", "epochs"])
)
values = st.recursive(
    plain | durations | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.builds(
            lambda name, positional, named: Call(name, tuple(positional), tuple(named.items())),
            names,
            st.lists(inner, max_size=3),
            st.dictionaries(names, inner, max_size=3),
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(values)
def test_what_is_written_is_read_again(value):
    text = written(value)
    assert parse(text, "value") == value
    assert written(parse(text, "value")) == text
    assert split(f"{text},{text}") == [text, text]


@settings(deadline=None)
@given(st.text() | st.text("a1%(),=\"'\\ .-e@") | values.map(written).flatmap(lambda text: st.just(text[:-1])))
def test_no_text_does_more_than_be_refused(text):
    split(text)
    try:
        value = parse(text, "value")
    except UsageError:
        return
    assert parse(written(value), "value") == value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("0.1", (None, "0.1")),
        (" cosine(0.1, warmup=5) ", (None, "cosine(0.1, warmup=5)")),
        ("adam = cosine(0.1, warmup=5)", ("adam", "cosine(0.1, warmup=5)")),
        ("adam(beta1=0.5)=0.1", ("adam(beta1=0.5)", "0.1")),
        ("=1", ("", "1")),
        ("adam=", ("adam", "")),
        ("cosine(0.1, warmup=", (None, "cosine(0.1, warmup=")),
        ('"a=b"', (None, '"a=b"')),
        ("a=b=c", ("a=b", "c")),
        ("", (None, "")),
    ],
)
def test_what_is_assigned_to_whom(text, parts):
    assert assigned(text) == parts
