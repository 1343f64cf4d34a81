"""Scripts without needless spaces mean what they meant."""

import pytest

from optviz.page.squeezing import squeezed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("const a = 1; // one\nconst b = a + a;", "const a=1;const b=a+a;"),
        ("return  x", "return x"),
        ("a + +b - -c", "a+ +b- -c"),
        ("a\n++b", "a\n++b"),
        ("let s = 'a  b', t = \"c // d\";", "let s='a  b',t=\"c // d\";"),
        ("f(`a  ${b + `c  ${d}`}  e`)", "f(`a  ${b + `c  ${d}`}  e`)"),
        (r"x.replace(/[/ ]  \//g, 'y') / 2", r"x.replace(/[/ ]  \//g,'y')/2"),
        ("/* long\n one */ a in b", "a in b"),
        ("if (a) {\n  b();\n}\nelse c()", "if(a){b();}\nelse c()"),
        ("a = 'it\\'s'  + b", "a='it\\'s'+b"),
        ("", ""),
    ],
)
def test_only_spaces_and_comments_go(text, wanted):
    assert squeezed(text) == wanted
