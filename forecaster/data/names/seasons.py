"""Names of the seasons of a year, in the commoner languages."""

import pandas as pd

__all__ = ["SEASONS_OF_YEAR", "hold_seasons", "names_season", "names_season_column", "number_seasons"]

FORMS = tuple(
    tuple(names.split())
    for names in (
        "spring summer autumn winter",
        "spring summer fall winter",
        "frühling sommer herbst winter",
        "frühjahr sommer herbst winter",
        "fruehling sommer herbst winter",
        "fruehjahr sommer herbst winter",
        "printemps été automne hiver",
        "printemps ete automne hiver",
        "primavera verano otoño invierno",
        "primavera verano otono invierno",
        "primavera estate autunno inverno",
        "primavera verão outono inverno",
        "primavera verao outono inverno",
        "lente zomer herfst winter",
        "voorjaar zomer najaar winter",
        "wiosna lato jesień zima",
        "vår sommar höst vinter",
    )
)
"""No two of these languages give the same word to different seasons."""
SEASONS = {name: season for form in FORMS for season, name in enumerate(form)}
SEASONS_OF_YEAR, FEWEST_SEASONS, MOSTLY = 4, 2, 0.75
COLUMN_NAMES = frozenset(
    ["season", "saison", "jahreszeit", "estación", "estacion", "estação", "estacao", "stagione", "seizoen", "årstid"]
)


def names_season(text: str) -> bool:
    """Whether a text is the name of a season and nothing else."""
    return text.strip().casefold() in SEASONS


def names_season_column(column: str) -> bool:
    """Whether a column of this name usually holds seasons."""
    return column.strip().casefold() in COLUMN_NAMES


def number_seasons(texts: "pd.Series[str]") -> "pd.Series[float]":
    """The numbers of seasons, 0 for spring to 3 for winter; NaN for other texts."""
    return texts.str.strip().str.casefold().map(SEASONS).astype(float)


def hold_seasons(cells: "pd.Series[str]") -> bool:
    """Whether the cells are seasons, of which there are several; a few may be totals, or misspelt."""
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "").strip()
    if first.casefold() not in SEASONS:
        return False  # tables may have thousands of columns
    filled = cells.dropna()
    seasons = number_seasons(filled[filled != ""])
    return float(seasons.notna().mean()) >= MOSTLY and seasons.nunique() >= FEWEST_SEASONS
