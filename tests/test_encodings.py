"""Text that is not UTF-8 is read by the letters of its language, or asked for; never as other letters in silence."""

from pathlib import Path

import pytest

from forecaster.data.files.encodings import find_encoding
from forecaster.errors import DataError
from tests.conftest import Command

READ = {
    "cp1251": [
        "дата;магазин;продажи\nМосква\nКазань",
        "Дата;Выручка",
        "ДАТА;СКЛАД;СУММА",
        "Дата;Виробництво\nКиїв\nЛьвів",
        "дата;обект;продажби\nСофия\nПловдив",
    ],
    "koi8-r": ["дата;магазин;продажи\nМосква\nКазань"],
    "cp866": ["дата;магазин;продажи\nМосква\nКазань"],
    "cp1250": [
        "data;sklep;sprzedaż\nŁódź\nGdańsk",
        "data;ilość",
        "data;sklep\nGdańsk",
        "Datum;Prodejna;Tržby\nPlzeň\nTřebíč",
        "datum;město;množství\nBrno",
        "dátum;üzlet;mennyiség\nGyőr\nPécs",
        "data;oraş;vânzări\nBucureşti",
        "dátum;predajňa;tržby\nKošice\nŽilina",
        "datum;količina",
        "datum;količina;cijena\nČakovec",
    ],
    "cp1254": ["Tarih;Şube;Satış\nİzmir\nMuğla", "tarih;satış", "Tarih;Ürün;Miktar\nÇay\nŞeker"],
    "cp1255": ["תאריך;חנות;מכירות"],
    "cp1257": [
        "data;parduotuvė;pardavimai\nŠiauliai\nKlaipėda",
        "datums;veikals;pārdošana\nRīga\nLiepāja",
    ],
    "cp1253": ["Ημερομηνία;Πωλήσεις", "ημέρα;κατάστημα\nΑθήνα\nΘεσσαλονίκη"],
    "gbk": ["日期,门店,销售额\n北京\n上海", "日期,销量", "时间,店铺,数量\n广州\n深圳"],
    "big5": ["日期,門市,銷售額\n台北\n高雄", "日期,數量"],
    "shift_jis": ["日付,店舗,売上\n東京\n大阪", "日付,売上,カテゴリ", "年月日,平均気温(℃)"],
    "cp1252": [
        "Tag;Ort;Größe\nKöln\nMünchen",
        "date;magasin;quantité\nOrléans\nL’Haÿ\nŒuf",
        "fecha;tienda;España\nA Coruña",
        "data;loja;região\nSão Paulo\nMaranhão\n1º\nSantarém",
        "dato;butik;mængde\nTønder\nÅrhus",
        "pvm;määrä\nJyväskylä",
        "kuupäev;müük\nVõru\nPõlva",
        "dagsetning;búð;sala\nReykjavík\nÍsafjörður\nÞingvellir",
        "data;città;quantità\nForlì\nCefalù",
        "data;Gràcia\nVilanova i la Geltrú\nCol·legi",
        "date;modèle\nPère Lachaise\nAlgèbre\nperché\nFrançois",
        # of several countries in one file
        "date;store\nGenève\nTønder\nMálaga\nKøln\nÖstersund\nCuraçao",
        "date;unit\n5 µm\n£5\nm²",
        "Tag;Preis €",
        "date;Price £\n20 °C",
    ],
}
ASKED = {
    "euc-kr": "날짜,매장,매출\n서울\n부산",
    "cp1257": "Datums;Pilsēta\nRīga\nJēkabpils",
    "cp1255": "תאריך;סניף;כמות\nתל אביב\nירושלים\nחיפה",
}


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding in READ for text in READ[encoding]])
def test_letters_show_the_encoding(encoding: str, text: str) -> None:
    assert text.encode(encoding).decode(find_encoding(text.encode(encoding), name="x")) == text


@pytest.mark.parametrize(("encoding", "text"), ASKED.items())
def test_letters_of_two_languages_are_asked_for(encoding: str, text: str) -> None:
    with pytest.raises(DataError) as caught:
        find_encoding(text.encode(encoding), name="x")
    word = next(word for word in text.replace(";", ",").replace("\n", ",").split(",") if not word.isascii())
    assert f"--encoding {encoding} if this is {word!r}" in str(caught.value)


def test_words_of_accents_alone_are_asked_for() -> None:
    arabic = "التاريخ;المتجر;المبيعات"
    with pytest.raises(DataError, match=r"may be in several other encodings\. Choose --encoding"):
        find_encoding(arabic.encode("cp1256"), name="x")


@pytest.mark.parametrize(
    ("encoding", "header", "names"),
    [
        ("cp1251", "дата;магазин;продажи", ("Москва", "Казань")),
        ("cp1250", "data;sklep;sprzedaż", ("Łódź", "Gdańsk")),
        ("cp1254", "Tarih;Şube;Satış", ("İzmir", "Muğla")),
        ("gbk", "日期;门店;销售额", ("北京", "上海")),
    ],
)
def test_they_are_read_and_said(forecast: Command, encoding: str, header: str, names: tuple[str, ...]) -> None:
    rows = [f"2024-01-{day:02d};{name};{day % 7}" for day in range(1, 29) for name in names]
    Path("data.csv").write_bytes("\n".join([header, *rows]).encode(encoding))
    words = ["predict", "data.csv", "--horizon", "1", "--output", "-"]
    outcome = forecast(*words)
    word = next(word for word in header.split(";") if not word.isascii())
    assert f"not UTF-8: read as {encoding} (" in outcome.stderr
    assert f", as in {word!r}; another encoding is named with --encoding" in outcome.stderr
    assert [line.split(";")[0] for line in outcome.stdout.splitlines()[1:]] == [*names]
    assert forecast(*words, "--encoding", encoding).stdout == outcome.stdout
    assert forecast(*words, "--encoding", "latin-1").stdout != outcome.stdout
