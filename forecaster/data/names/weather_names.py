"""What names of columns say of the weather, in the commoner languages."""

from forecaster.data.names.column_names import list_words, split_words

__all__ = ["names_weather"]

WIND = list_words("wind vent viento vento")
"""A source of power as well."""
WEATHER = list_words(
    """
    temp temps temperature temperatures tavg tmin tmax atemp humidity hum windspeed rain rainfall
    precipitation precip snowfall sunshine radiation irradiance ghi cloudcover dewpoint
    temperatur luftfeuchte luftfeuchtigkeit luftdruck regen niederschlag globalstrahlung windgeschwindigkeit
    température humidité pluie précipitations temperatura humedad lluvia umidità pioggia umidade chuva
    temperatuur neerslag
    """
)


def names_weather(name: str) -> bool | None:
    """Whether one word of the name is of the weather, as in `Temp (C)`, which often explains what is beside it.

    None where it may be, as `wind`.
    """
    words = split_words(name)
    return True if not WEATHER.isdisjoint(words) else None if not WIND.isdisjoint(words) else False
