"""Read `forecast.toml`: defaults for options, which flags and environment variables override."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

import typer

from forecaster.cli.values import explain_value
from forecaster.errors import ConfigurationError

__all__ = ["guess_settings", "read_settings_file"]

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
        name: {
            option.removeprefix("--"): parameter
            for parameter in command.params
            for option in parameter.opts
            if option.startswith("--") or parameter.param_type_name == "argument"
        }
        for name, command in commands.items()
    }
    known = {key for command in options.values() for key in command}
    # a word such as train is a command, and an option of another one
    sections = {
        key for key, value in content.items() if key in options and (isinstance(value, dict) or key not in known)
    }
    common = {key: value for key, value in content.items() if key not in sections}
    _refuse_tables(common, commands=sorted(options))
    _refuse_unknown(common, known=known | set(options), where="")
    defaults: dict[str, Any] = {}
    for name, parameters in options.items():
        section = content[name] if name in sections else {}
        if not isinstance(section, dict):
            raise ConfigurationError(f"{SETTINGS_FILE}: {name} is a command; write its options under [{name}].")
        _refuse_unknown(section, known=set(parameters), where=f" under [{name}]")
        chosen = {key: value for key, value in common.items() if key in parameters} | section
        defaults[name] = {
            parameters[key].name: _plain(value, parameters[key], key=key) for key, value in chosen.items()
        }
    return defaults


def guess_settings(command: str) -> dict[str, Any]:
    """The options of a command in a file that may be wrong elsewhere; none where it cannot be read."""
    try:
        content = tomllib.loads(SETTINGS_FILE.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return {}
    section = content.get(command)
    chosen = content | (section if isinstance(section, dict) else {})
    names = {key: key.replace("-", "_") for key, value in chosen.items() if isinstance(value, str | bool)}
    return {"as_json" if name == "json" else name: chosen[key] for key, name in names.items()}


def _refuse_tables(common: dict[str, Any], *, commands: list[str]) -> None:
    for key, value in common.items():
        if isinstance(value, dict):
            near = difflib.get_close_matches(key, commands, n=1)
            hint = f"Did you mean [{near[0]}]?" if near else f"Commands are: {', '.join(commands)}."
            raise ConfigurationError(f"{SETTINGS_FILE}: [{key}] is not a command. {hint}")


def _refuse_unknown(section: dict[str, Any], *, known: set[str], where: str) -> None:
    for key in section:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known are: {', '.join(sorted(known))}."
            raise ConfigurationError(f"{SETTINGS_FILE}: no option {key!r}{where}.{hint}")


def _plain(value: Any, parameter: Any, *, key: str) -> Any:
    """The value as on the command line: true or false for a switch, else text, or a list of it for several values.

    Lists become comma-separated text where the option takes text. Raises ConfigurationError for a value that the option
    cannot take.
    """
    given, parts = value, value if isinstance(value, list) else [value]
    wrong = None
    if getattr(parameter, "is_flag", False):
        wrong = None if isinstance(value, bool) else "it is a switch: write true or false."
    elif any(isinstance(part, bool | list | dict) for part in parts):
        wrong = "it takes a value, which is text or a number."
    elif parameter.multiple or parameter.nargs != 1:
        value = [str(part) for part in parts]
    elif isinstance(value, list) and not _takes_text(parameter):
        wrong = "it takes one value, not a list."
    else:
        value = ",".join(map(str, parts))
    try:
        if wrong is None:
            parameter.process_value(None, value)
    except Exception as error:  # error classes of the command line library
        wrong = explain_value(error) or getattr(error, "message", str(error))
    if wrong is not None:
        raise ConfigurationError(f"{SETTINGS_FILE}: {key} = {_show(given)}: {wrong}")
    return value


def _takes_text(parameter: Any) -> bool:
    """Whether any text is a value of the option, and stays text."""
    try:
        return isinstance(parameter.process_value(None, "a,b"), str)
    except Exception:  # error classes of the command line library
        return False


def _show(value: Any) -> str:
    """A value as TOML writes it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)
