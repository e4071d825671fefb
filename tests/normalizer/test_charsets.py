"""Which letters do bytes stand for, whatever their label says?"""

import pytest

from normalizer.charsets import clean, decode, known

NB = "Hei, når får vi svar på søknaden vår?"
PL = "Dzień dobry, proszę o zwrot pieniędzy. Książka została zniszczona, żądam wyjaśnień."
RU = "Здравствуйте, подскажите, пожалуйста, когда придёт заказ?"
ET = "Tere, õhtul jäi žürii šokolaadita, külma ööd!"
UK = "Доброго дня, підкажіть, будь ласка, коли приїде майстер і чи є їхній номер?"
HU = "Tisztelt Ügyfélszolgálat, a rendelésem még nem érkezett meg, kérem, nézzék meg, hol őrzik."
RO = "Bună ziua, factura este greşită, vă rog să o corectaţi şi să îmi răspundeţi."
KO = "안녕하세요, 청구서에 대해 질문이 있습니다"
ZH = "您好，我无法登录我的帐户，请帮忙。"
JA = "こんにちは、請求書について質問があります。"


@pytest.mark.parametrize(
    ("text", "really", "label"),
    [
        pytest.param(NB, "utf-8", "utf-8", id="right label"),
        pytest.param(NB, "utf-8", "", id="no label, utf-8"),
        pytest.param(NB, "latin-1", "", id="no label, latin-1"),
        pytest.param(NB, "latin-1", "us-ascii", id="not as plain as it says"),
        pytest.param(NB, "utf-8", "iso-8859-1", id="utf-8 under the label latin-1"),
        pytest.param(NB, "utf-8", "windows-1252", id="utf-8 under the label windows-1252"),
        pytest.param(NB, "latin-1", "utf-8", id="latin-1 under the label utf-8"),
        pytest.param(NB, "latin-1", "unknown-8bit", id="a label that says nothing"),
        pytest.param(NB, "utf-16", "utf-16", id="wide, with a mark"),
        pytest.param(NB, "utf-8-sig", "", id="a byte order mark"),
        pytest.param(NB, "utf-7", "utf-7", id="utf-7"),
        pytest.param(PL, "cp1250", "", id="no label, windows-1250"),
        pytest.param(PL, "iso-8859-2", "", id="no label, latin-2"),
        pytest.param(PL, "iso-8859-2", "ISO8859-2", id="a label spelled otherwise"),
        pytest.param(RU, "cp1251", "", id="no label, windows-1251"),
        pytest.param(RU, "koi8-r", "", id="no label, koi8-r"),
        pytest.param(RU, "cp866", "", id="no label, dos"),
        pytest.param(RU, "cp1251", "iso-8859-1", id="Russian under the label latin-1"),
        pytest.param(RU, "koi8-r", "windows-1251", id="koi8-r under the label windows-1251"),
        pytest.param(RU, "cp1251", "koi8-r", id="windows-1251 under the label koi8-r"),
        pytest.param(RU, "cp1251", "iso-8859-2", id="Russian under the label latin-2"),
        pytest.param(RU.upper(), "cp1251", "", id="no label, shouted"),
        pytest.param(RU.upper(), "koi8-r", "", id="no label, koi8-r, shouted"),
        pytest.param(RU.upper(), "koi8-r", "koi8-r", id="koi8-r, shouted, right label"),
        pytest.param(UK, "cp1251", "windows-1251", id="Ukrainian, right label"),
        pytest.param(UK, "koi8-u", "koi8-u", id="Ukrainian, koi8-u"),
        pytest.param(PL, "cp1250", "us-ascii", id="Polish said to be plain"),
        pytest.param(PL, "iso-8859-2", "iso-8859-1", id="latin-2 under the label latin-1"),
        pytest.param(PL, "cp1250", "windows-1250", id="Polish, right label"),
        pytest.param(HU, "cp1250", "windows-1250", id="Hungarian, right label"),
        pytest.param(RO, "iso-8859-2", "iso-8859-2", id="Romanian, right label"),
        pytest.param("¿Qué año? ¿Dónde está la señal?", "cp1252", "iso-8859-1", id="Spanish"),
        pytest.param("Tämä on todella tärkeää täällä", "cp1252", "iso-8859-1", id="Finnish"),
        pytest.param("2 ± 1, 5 ³, ¼ ¾ ±", "latin-1", "iso-8859-1", id="signs are no letters"),
        pytest.param(ET, "cp1257", "", id="no label, Baltic"),
        pytest.param(ET, "cp1257", "windows-1257", id="Baltic"),
        pytest.param(JA, "cp932", "", id="no label, Japanese"),
        pytest.param(JA, "euc_jp", "", id="no label, Japanese of Unix"),
        pytest.param(KO, "cp949", "", id="no label, Korean"),
        pytest.param(ZH, "gb18030", "", id="no label, Chinese"),
        pytest.param(JA, "iso2022_jp", "", id="escapes without a label"),
        pytest.param(JA, "cp932", "shift_jis", id="Japanese"),
        pytest.param("你好，请问发票", "gb18030", "gb2312", id="Chinese, newer than its label"),
        pytest.param("안녕하세요", "cp949", "ks_c_5601-1987", id="Korean"),
        pytest.param("«“quotes”» – 5 €", "cp1252", "iso-8859-1", id="Windows letters in latin-1"),
    ],
)
def test_letters(text: str, really: str, label: str) -> None:
    assert decode(text.encode(really), label) == text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        pytest.param("UTF-8", "utf-8", id="plain"),
        pytest.param(' "utf8" ', "utf-8", id="quoted"),
        pytest.param("utf-8_", "utf-8", id="a typing error"),
        pytest.param("windows 1250", "cp1250", id="a blank"),
        pytest.param("x-sjis", "cp932", id="an old name"),
        pytest.param("idna", "", id="no charset"),
        pytest.param("rot13", "", id="a joke of Python's"),
        pytest.param("unicode_escape", "", id="a trap of Python's"),
        pytest.param("../../etc", "", id="a path"),
        pytest.param("x" * 5_000, "", id="a long one"),
        pytest.param("\x00", "", id="a zero byte"),
    ],
)
def test_labels(label: str, codec: str) -> None:
    assert known(label) == codec


def test_damaged_utf8_keeps_its_good_letters() -> None:
    assert decode("på lørdag".encode() + b"\xc3", "utf-8") == "på lørdag\ufffd"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("a\r\nb\rc", "a\nb\nc", id="line ends"),
        pytest.param("a\x00\x08\x1b\x9f\ud800b", "ab", id="what no database stores"),
        pytest.param("a\u030a", "å", id="composed"),
        pytest.param("tab\there", "tab\there", id="tabs stay"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_stacked_marks_take_linear_time_and_none_is_lost() -> None:
    stacked = "e" + "\u0301\u0323" * 100_000
    found = clean(stacked)
    assert sum(found.count(mark) for mark in "\u0301\u0323\u1eb9\u00e9") == 200_000
    assert clean(found) == found


def test_rules_and_smileys_are_no_marks() -> None:
    text = "\u2500" * 100 + "\U0001f600" * 50
    assert clean(text) == text
