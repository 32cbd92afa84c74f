"""What names of columns and rows usually mean, in the commoner languages."""

import re

__all__ = [
    "TARGET_NAMES",
    "find_closing_price",
    "has_target_word",
    "is_currency",
    "is_total_name",
    "is_usual_target",
    "list_words",
    "names_actual",
    "names_cost",
    "names_counter",
    "names_currency",
    "names_flag",
    "names_index",
    "names_key",
    "names_market",
    "names_no_series",
    "names_receipt",
    "names_receipt_alone",
    "names_record",
    "names_row_number",
    "names_row_total",
    "names_series",
    "names_subtotal",
    "names_total_column",
    "names_unit",
    "normalise_name",
    "split_words",
]

TARGET_NAMES = ("y", "target", "value", "values", "sales", "demand", "quantity", "count")
"""Names of the column to forecast, in the order in which they are preferred."""


def list_words(words: str) -> frozenset[str]:
    """The words of a text, of which each is a name."""
    return frozenset(words.split())


# English; German; French; Spanish and Portuguese; Italian; Dutch; Polish; Swedish
USUAL_TARGETS = list_words(
    """
    close revenue qty cnt units units_sold consumption usage closing_price close_price schlusskurs
    umsatz umsätze umsaetze absatz menge wert verkauf verkäufe verkaeufe nachfrage verbrauch bedarf anzahl
    ventes vente valeur quantité quantite demande consommation
    ventas valor cantidad demanda consumo vendas quantidade
    vendite valore quantità quantita fatturato domanda
    verkoop waarde aantal omzet hoeveelheid vraag
    sprzedaż sprzedaz wartość wartosc ilość ilosc
    försäljning värde antal mängd
    """
)
ALL_TARGETS = USUAL_TARGETS.union(TARGET_NAMES)
INDEX_NAMES = frozenset({"", "lfd. nr."}) | list_words("n id idx index row rownum row_number nr no #")
RECORD_NAMES = list_words("record recno recnum rec rn rownames row.names rowname row_names")
COUNTERS = re.compile(
    r"t|tt|\.{3}1|obs|obs\.|observation|case|rn|trend|time|period|step|seq|sequence|serial|s\.?_?no\.?|sl_?no|counter|"
    r"(?:time|date|row|day|week|month|quarter|year|period|obs|observation|case|sample|t)[_.]?"
    r"(?:index|idx|ind|no|nr|num|number|id|counter|trend|step)"
)
"""Names of columns that count the rows or the steps, in lower case."""
RECEIPT = re.compile(
    r"(?:n[°º]|№).*|.{3,}(?:nr|nummer|nbr)\.?|.*\b(?:no|nr|nbr|number|numéro|numero|número|numer|nummer)\.?",
)
"""Names of columns of numbers of receipts, in lower case, as `N° facture` and `Belegnr.`"""
ACTUAL = list_words(
    """
    actual actuals achieved achievement realised realized observed measured ist istwert istwerte réel réalisé realise
    real realizado realizzato effettivo consuntivo werkelijk wykonanie utfall
    """
)
UNNAMED = re.compile(r"unnamed(: ?\d+)?")
CLOSING = ("close", "closing_price", "close_price", "close_last", "schlusskurs", "schluss", "last", "price", "kurs")
MARKET = list_words("open high low volume vol vol. adj_close adjclose adjusted_close eröffnung hoch tief volumen")
FLAGS = list_words(
    """
    promo promotion promotions holiday holidays is has flag event closed open weekend feiertag aktion ferien
    wochenende férié ferie festivo promoción feriado promoção workingday workday businessday schoolday arbeitstag
    werktag
    """
)
KEYS = list_words(
    """
    id code key nr no number nbr sku ean mpan mprn mpxn nmi gtin zip zipcode plz postcode lat latitude lon lng longitude
    store shop item product branch customer filiale artikel produkt kunde magasin produit tienda producto loja produto
    negozio prodotto
    """
)
SERIES = list_words(
    """
    store shop branch outlet product item article sku region district county country city town site location plant
    warehouse station sensor device meter machine instance host customer dealer sector department dept brand
    filiale standort markt produkt artikel warengruppe bundesland land stadt werk lager maschine zähler zaehler gerät
    geraet kunde abteilung marke sparte
    magasin boutique produit région pays ville usine capteur tienda producto región país ciudad sucursal
    loja produto região cidade negozio prodotto regione paese città filiaal winkel regio sklep produkt kraj miasto
    butik produkter
    """
)
SUFFIXES = ("id", "ids", "key", "code", "name", "nummer", "number", "num", "nbr", "nr", "no")
RECEIPTS = list_words(
    "receipt order ticket transaction invoice voucher beleg bon kassenbon quittung rechnung bestellung"
)
RECEIPTS |= list_words(
    "auftrag buchung facture reçu commande factura recibo pedido fattura ricevuta scontrino ordine factuur"
)
NO_SERIES = RECEIPTS | list_words(
    "line row rank pos position seq sequence index period interval slot step zeile rang folge"
)
COSTS = list_words(
    """
    cost costs price prices tariff kosten preis preise tarif coût cout coûts prix coste costo custo costi precio preço
    prezzo prezzi kost prijs koszt cena kostnad pris
    """
)
TOTALS = re.compile(
    r"(grand |sub ?|overall )?total(s|e|es|en|i|t)?( général| general| generale| geral)?|sum|sums|"
    r"(gesamt|zwischen)?summe|"
    r"gesamt(ergebnis)?|insgesamt|somme|ensemble|suma( total| końcowa)?|razem|soma|somma|totale complessivo|"
    r"totaal|eindtotaal|summa|totalsumma|totalt|all|alle|ergebnis|σ|∑|total: .+|"
    r"(?:day|week|month|quarter|year|(?:dai|week|month|quarter|year)ly|annual) total"
)
"""How spreadsheets and reports call the sum of all rows or columns."""

ROW_TOTALS = list_words(
    """
    ytd daily day tag tageswert tagessumme tagesmittel
    annual annually yearly year ann mean average avg ø jahr jahreswert jahressumme jahresmittel jahresmittelwert
    mittel mittelwert durchschnitt schnitt année annee annuel annuelle moyenne anual año ano media média promedio anno
    annuale jaar jaartotaal gemiddelde gemiddeld rok średnia srednia år medel medelvärde
    """
)
YEAR_BESIDE = re.compile(r"^(?:19|20)\d\d (?=\D)|(?<=\D) (?:19|20)\d\d$")
SUBTOTAL = re.compile(r"\b(?:sub[ -]?total(?:s|en|es)?|zwischensummen?|teilsummen?|sous-total|subtotaal|totals?)\b")
TOTAL_WORDS = list_words("total totals sum summe gesamt gesamtsumme somme suma soma somma totale totaal summa")

CURRENCIES = list_words(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTC BTN BWP BYN BZD CAD CDF CHF
    CLP CNH CNY COP CRC CUP CVE CZK DEM DJF DKK DOP DZD EGP ERN ETB ETH EUR FJD FKP FRF GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
    QAR RMB RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD USDT UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL € $ £ ¥ ₹ ₽ ₩ ₺ ₴
    """
)
CURRENCY_NAME = re.compile(r"currenc|\bccy\b|w(?:ä|ae)hrung|devise|moneda|moeda|valut|walut")
UNIT_NAMES = list_words(
    "unit uom unitofmeasure einheit mengeneinheit unité unite unidad unidade unità eenheid jednostka enhet"
)


def is_usual_target(name: str) -> bool:
    """Whether a column is usually the one to forecast; its unit, as in `Umsatz (EUR)`, may follow the name."""
    return normalise_name(re.sub(r"\s*([(\[].*[)\]]|\bin \S+)$", "", name.strip().casefold())) in ALL_TARGETS


def has_target_word(name: str) -> bool:
    """Whether one word of the name is that of a column to forecast, as in `Weekly_Sales`."""
    return not (ALL_TARGETS - {"y"}).isdisjoint(split_words(name))


def find_closing_price(names: list[str]) -> str | None:
    """The closing price among the columns of a market: prices, and the volume of trade; None where it is no market."""
    if not any(map(names_market, names)):
        return None
    plain = {normalise_name(name): name for name in reversed(names)}
    return next((plain[name] for name in CLOSING if name in plain), None)


def names_index(name: str) -> bool:
    """Whether a column of this name usually holds the numbers of the rows."""
    plain = name.strip().casefold()
    return plain in INDEX_NAMES or UNNAMED.fullmatch(plain) is not None


def names_counter(name: str) -> bool:
    """Whether a column of this name may count the rows, or the steps of each series; it may be measured, too."""
    return COUNTERS.fullmatch(normalise_name(name)) is not None


def names_record(name: str) -> bool:
    """Whether a column of this name usually holds the numbers that a device gives its records."""
    return normalise_name(name) in RECORD_NAMES


def names_row_number(name: str) -> bool:
    """Whether a column of this name usually numbers rows or steps, and so says nothing of series."""
    return (names_index(name) and name.strip().casefold() != "id") or names_record(name) or names_counter(name)


def names_receipt(name: str) -> bool:
    """Whether a column of this name may hold the numbers of receipts; counts may have such a name, too."""
    return RECEIPT.fullmatch(name.strip().casefold().replace("_", " ")) is not None


def names_receipt_alone(name: str) -> bool:
    """Whether the name is the word for a receipt, as `Invoice`, of which the column may hold numbers or counts."""
    return "".join(split_words(name)) in RECEIPTS


def names_actual(name: str) -> bool:
    """Whether a column of this name is usually what was measured, beside a plan."""
    return is_usual_target(name) or not (ACTUAL | ALL_TARGETS - {"y", "target"}).isdisjoint(split_words(name))


def names_market(name: str) -> bool:
    """Whether a column of this name usually stands beside the closing prices of a market."""
    return normalise_name(name) in MARKET


def names_flag(name: str) -> bool:
    """Whether a column of this name usually says yes or no, where its cells are 0 and 1."""
    return not FLAGS.isdisjoint(split_words(name))


def names_key(name: str) -> bool:
    """Whether a column of this name usually identifies something, also where it holds numbers."""
    words = split_words(name)
    return words[-1] in KEYS and len(words) <= 2


def names_series(name: str) -> bool:
    """Whether a column of this name usually says which series a row is of: `store`, `Product ID`, `Filialnr`."""
    plain = "".join(split_words(name))
    return plain in SERIES or any(
        plain.endswith(suffix) and {plain.removesuffix(suffix), f"{plain.removesuffix(suffix)}e"} & SERIES
        for suffix in SUFFIXES
    )


def names_no_series(name: str) -> bool:
    """Whether a column of this name usually numbers rows, receipts or parts of a day."""
    return not NO_SERIES.isdisjoint(split_words(name))


def is_currency(text: str) -> bool:
    """Whether a text is the code or the sign of a currency."""
    return text in CURRENCIES


def names_cost(name: str) -> bool:
    """Whether one word of the name is that of a cost or a price, as in `COST ($)`."""
    return not COSTS.isdisjoint(split_words(name))


def names_currency(name: str) -> bool:
    """Whether a column of this name usually says in which currency amounts are."""
    return CURRENCY_NAME.search(name.casefold()) is not None


def names_unit(name: str) -> bool:
    """Whether a column of this name usually says in which unit numbers are."""
    return "".join(split_words(name)) in UNIT_NAMES


def is_total_name(name: str) -> bool:
    """Whether a row or column of this name is usually the sum of the others; a year may stand beside the name."""
    plain = " ".join(name.strip().casefold().rstrip(":").replace("_", " ").split())
    return TOTALS.fullmatch(YEAR_BESIDE.sub("", plain)) is not None


def names_total_column(name: str) -> bool:
    """Whether a column of this name usually is the sum of the others, as `total_sales` is."""
    return is_total_name(name) or not TOTAL_WORDS.isdisjoint(split_words(name))


def names_row_total(name: str) -> bool:
    """Whether a column of this name usually is the sum or the mean of a year or a day, beside those of its parts."""
    return names_total_column(name) or not ROW_TOTALS.isdisjoint(split_words(name))


def names_subtotal(name: str) -> bool:
    """Whether a row or column of this name may be the sum of some of the others: `Subtotal 1`, `North Total`."""
    return SUBTOTAL.search(name.casefold().replace("_", " ")) is not None


def split_words(name: str) -> list[str]:
    """The words of a name in lower case, also where capitals begin them; one empty word at least."""
    words = re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip()).casefold())
    return [*filter(None, words)] or [""]


def normalise_name(name: str) -> str:
    """A name in lower case with underscores between its words."""
    return re.sub(r"[\s_/-]+", "_", name.strip().rstrip("*").casefold())
