"""Is a file of customers read as programs write it, and what is wrong told by its place alone?"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from config.customer_file import CustomerFile, first_lines
from config.customers import Attribute, Customers, Import, MatchOn
from config.delimited import LONGEST_LINE, Delimited
from config.report import rendered
from inquiry.errors import ConfigError
from storage.records import Line, Record

ATTRIBUTES = {
    "vip": Attribute("boolean"),
    "region": Attribute("text"),
    "contract": Attribute("choice", ("basic", "gold")),
}
EVERY: tuple[MatchOn, ...] = ("email", "phone", "domain")


def customers(
    file: Path, match_on: Sequence[MatchOn] = ("email",), ignore: Sequence[str] = ()
) -> Customers:
    import_ = Import(file=file, match_on=tuple(match_on), ignore=tuple(ignore))
    return Customers(attributes=ATTRIBUTES, import_=import_)


class Read:
    """All of a file."""

    def __init__(self, folder: Path, text: str | bytes, asked: Customers | None = None) -> None:
        file = folder / "customers.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.lines: list[Line] = []
        with Delimited(file) as opened:
            there = CustomerFile(opened, asked or customers(file))
            for batch in there.batches():
                self.lines += batch
        self.nameless = there.nameless
        self.wrong = there.wrong
        self.told = [
            f"{each.place.line}:{each.place.column} {each.code}: {each.text}"
            for each in there.refused
        ]

    @property
    def keys(self) -> list[str]:
        return [line.key for line in self.lines]


def refused(folder: Path, text: str | bytes, asked: Customers | None = None) -> list[str]:
    """Everything that is told of a file which can't be read to its end."""
    with pytest.raises(ConfigError) as wrong:
        Read(folder, text, asked)
    return [
        f"{each.place.line}:{each.place.column} {each.code}: {each.text} ({each.hint})"
        for each in wrong.value.problems
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("email,vip,organization\nkari@kunde.example,yes,Fjell\n", id="commas"),
        pytest.param("email;vip;organization\r\nkari@kunde.example;yes;Fjell\r\n", id="semicolons"),
        pytest.param("email\tvip\torganization\nkari@kunde.example\tyes\tFjell", id="tabs"),
        pytest.param("sep=;\nemail;vip;organization\nkari@kunde.example;yes;Fjell", id="sep="),
        pytest.param("\ufeffemail,vip,organization\nkari@kunde.example,yes,Fjell", id="BOM"),
        pytest.param(
            '"email","vip","organization"\n"kari@kunde.example","yes","Fjell"', id="quotes"
        ),
        pytest.param("Email, VIP ,Organization\n Kari@Kunde.example , yes, Fjell ", id="blanks"),
        pytest.param("\n\nemail,vip,organization\n\nkari@kunde.example,1,Fjell\n,,\n", id="empty"),
        pytest.param("email,vip,organization\rkari@kunde.example,TRUE,Fjell\r", id="old ends"),
        pytest.param(
            'vip;email;organization;"name, first; last"\nyes;kari@kunde.example;Fjell;x',
            id="delimiters between quotes",
        ),
    ],
)
def test_what_programs_write_is_read(tmp_path: Path, text: str) -> None:
    asked = customers(tmp_path / "customers.csv", ignore=["*"])
    found = Read(tmp_path, text, asked)
    (line,) = found.lines
    assert (line.matched_by, line.key) == ("email", "kari@kunde.example")
    assert line.record == Record("Fjell", {"vip": "yes"})
    assert found.told == []


def test_a_cell_holds_several_addresses_numbers_or_domains(tmp_path: Path) -> None:
    text = (
        "email;phone;domain\n"
        "kari@kunde.example, K.Fjell@kunde.example;+47 22 33 44 55, 0047 (0) 99 88 77 66;"
        "Kunde.example @bücher.example\n"
    )
    found = Read(tmp_path, text, customers(tmp_path, EVERY))
    assert found.told == []
    assert found.keys == [
        *("kunde.example", "xn--bcher-kva.example"),
        *("k.fjell@kunde.example", "kari@kunde.example"),
        *("+4722334455", "+4799887766"),
    ]


def test_only_what_customers_are_matched_by_is_a_key_and_no_name_is_kept(tmp_path: Path) -> None:
    text = "email,domain,name\nkari@kunde.example,kunde.example,Kari Fjell\n"
    found = Read(tmp_path, text)
    assert found.keys == ["kari@kunde.example"]
    assert "Kari Fjell" not in repr(found.lines)


def test_an_empty_cell_says_nothing_and_a_line_without_a_key_is_counted(tmp_path: Path) -> None:
    found = Read(tmp_path, "email,vip,contract\nkari@kunde.example,,gold\n,yes,basic\n")
    assert [line.record.attributes for line in found.lines] == [{"contract": "gold"}]
    assert (found.nameless, found.wrong) == (1, 0)


def test_every_wrong_cell_is_told_and_nothing_of_its_line_is_taken(tmp_path: Path) -> None:
    text = (
        "email;phone;domain;vip;contract\n"
        "kari@kunde.example;;;perhaps;silver\n"
        "Kari Fjell;;;yes;gold\n"
        '"ola@kunde.example";12 ab;local;yes;gold\n'
        "eva@kunde.example;;;yes\n"
        "eva@kunde.example;;;yes;gold;more\n"
        "per@kunde.example;;;no;basic\n"
    )
    found = Read(tmp_path, text, customers(tmp_path, EVERY))
    assert found.told == [
        "2:22 value: vip: this is not yes or no",
        "2:30 value: contract: this is not one of basic, gold",
        "3:1 value: this is no mail address",
        "4:21 value: this is no phone number",
        "4:27 value: this is no domain such as acme.example",
        "5:21 value: the line has 4 cells, the first one names 5",
        "6:30 value: the line has 6 cells, the first one names 5",
    ]
    assert found.keys == ["per@kunde.example"]
    assert found.wrong == 5


def test_a_place_is_right_behind_a_cell_of_several_lines(tmp_path: Path) -> None:
    found = Read(tmp_path, 'region,email,vip\n"north\nby, the sea",k@kunde.example,maybe\n')
    assert found.told == ["3:30 value: vip: this is not yes or no"]


def test_many_problems_are_told_as_a_number(tmp_path: Path) -> None:
    found = Read(tmp_path, "email,vip\n" + "kari@kunde.example,maybe\n" * 30)
    assert len(found.told) == 21
    assert found.told[-1] == "22:1 value: 10 more lines are wrong"


HEADERS = [
    pytest.param(
        "email,vpi\n", ["1:7 unknown-key: unknown column 'vpi' (did you mean 'vip'?)"], id="typo"
    ),
    pytest.param(
        "email,fax\n",
        [
            "1:7 unknown-key: unknown column 'fax' "
            "(write it into customers.attributes, or into customers.import.ignore)"
        ],
        id="unknown",
    ),
    pytest.param(
        "e-mail,vip\n",
        ["1:1 unknown-key: unknown column 'e-mail' (did you mean 'email'?)"],
        id="the key misspelt",
    ),
    pytest.param(
        "vip,phone\n",
        [
            "1:1 missing: there is no column 'email', by which customers are to be known again ()",
        ],
        id="no key",
    ),
    pytest.param(
        "email,vip,Email\n",
        ["1:11 duplicate-key: two columns are called 'email' (first in column 1)"],
        id="twice",
    ),
    pytest.param(
        "kari@kunde.example,Kari Fjell\n",
        [
            "1:1 missing: the first line names none of the columns that are known "
            "(columns: email, phone, domain, organization, name, vip, region, contract)"
        ],
        id="no names at all",
    ),
    pytest.param("", ["1:1 missing: the file is empty ()"], id="nothing"),
]


@pytest.mark.parametrize(("text", "told"), HEADERS)
def test_a_wrong_first_line_is_told(tmp_path: Path, text: str, told: list[str]) -> None:
    assert refused(tmp_path, text) == told


GARBLED = [
    pytest.param(b"email\nk\xe5ri@kunde.example\n", "2:2 file: this is not UTF-8 text", id="8-bit"),
    pytest.param("email\nx\n".encode("utf-16"), "1:1 file: this is not UTF-8 text", id="UTF-16"),
    pytest.param(
        b'email,vip\n\n"kari@kunde.example,yes\nola@kunde.example,no\n',
        "3:1 file: a quote isn't closed, or text follows a closed one",
        id="an open quote",
    ),
    pytest.param(
        b'email,vip\n"a"b@kunde.example,yes\n',
        "2:1 file: a quote isn't closed, or text follows a closed one",
        id="text behind a quote",
    ),
    pytest.param(
        b"email\n" + b"x" * LONGEST_LINE * 3,
        "2:1 file: the line is too long for a customer",
        id="a line without end",
    ),
    pytest.param(
        b'email\n"' + b"x\n" * LONGEST_LINE,
        "2:1 file: a quote isn't closed, or text follows a closed one",
        id="a cell without end",
    ),
]


@pytest.mark.parametrize(("text", "told"), GARBLED)
def test_what_is_no_table_is_refused_where_it_ends(tmp_path: Path, text: bytes, told: str) -> None:
    (only,) = refused(tmp_path, text)
    assert only.startswith(told)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    asked = customers(tmp_path / "customers.csv")
    assert asked.import_
    (problem,) = first_lines(asked, asked.import_, 10)
    assert problem.text == "cannot read it: No such file or directory"


def test_no_sentence_repeats_what_stands_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("email,vip\nSecret Person,perhaps-not\n")
    asked = customers(file)
    assert asked.import_
    told = "\n".join(map(rendered, first_lines(asked, asked.import_, 10)))
    assert told.startswith(f"{file}:2:1: error[value]: this is no mail address")
    assert "Secret" not in told
    assert "perhaps-not" not in told


def test_the_first_lines_are_all_that_a_check_reads(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("email\n" + "kari@kunde.example\n" * 5_000 + "wrong\n")
    asked = customers(file)
    assert asked.import_
    assert first_lines(asked, asked.import_, 100) == ()
