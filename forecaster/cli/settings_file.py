"""Read `forecast.toml`: defaults for options, which flags and environment variables override."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

import typer

from forecaster.errors import ConfigurationError

__all__ = ["read_settings_file"]

SETTINGS_FILE = Path("forecast.toml")


def read_settings_file(app: typer.Typer) -> dict[str, Any]:
    """Options by command. Keys at the top level of the file apply to every command that has them.

    Raises ConfigurationError for text that is not TOML and for keys that are not options.
    """
    try:
        content = tomllib.loads(SETTINGS_FILE.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{SETTINGS_FILE}: not readable as TOML ({error}).") from error
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    options = {
        name: {option.removeprefix("--"): parameter for parameter in command.params for option in parameter.opts}
        for name, command in commands.items()
    }
    common = {key: value for key, value in content.items() if key not in options}
    known = {key for command in options.values() for key in command}
    _refuse_unknown(common, known=known | set(options), where="")
    defaults: dict[str, Any] = {}
    for name, parameters in options.items():
        section = content.get(name, {})
        if not isinstance(section, dict):
            raise ConfigurationError(f"{SETTINGS_FILE}: {name} is a command; write its options under [{name}].")
        _refuse_unknown(section, known=set(parameters), where=f" under [{name}]")
        chosen = {key: value for key, value in common.items() if key in parameters} | section
        defaults[name] = {
            parameters[key].name: _plain(value, parameters[key], key=key) for key, value in chosen.items()
        }
    return defaults


def _refuse_unknown(section: dict[str, Any], *, known: set[str], where: str) -> None:
    for key in section:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known are: {', '.join(sorted(known))}."
            raise ConfigurationError(f"{SETTINGS_FILE}: no option {key!r}{where}.{hint}")


def _plain(value: Any, parameter: Any, *, key: str) -> Any:
    """Lists become comma-separated text where the option takes one value, and one DATA a list.

    Raises ConfigurationError for a value that the option cannot take.
    """
    if parameter.nargs != 1:
        value = [value] if isinstance(value, str) else value
    elif isinstance(value, list) and not parameter.multiple:
        value = ",".join(map(str, value))
    try:
        parameter.process_value(None, value)
    except Exception as error:  # error classes of the command line library
        reason = getattr(error, "message", error)
        raise ConfigurationError(f"{SETTINGS_FILE}: {key} = {value!r}: {reason}") from error
    return value
