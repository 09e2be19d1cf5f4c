"""Whatever is set, there are settings or faults, and no fault tells a secret."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from gateway.settings import SettingsError, describe, load
from gateway.settings.names import CONFIG, dotted, path_of
from tests.settings.conftest import Write
from tests.settings.environments import complete, faults, one_for_all_examples

_NAMES = [setting.name for setting in describe()]
_NAME = st.sampled_from(_NAMES + [f"{name}_FILE" for name in _NAMES]) | st.text().map(lambda text: f"GATEWAY_{text}")
_VALUE = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3),
    max_leaves=5,
)
_PATHS = [dotted(path_of(name)) for name in _NAMES if name != CONFIG]
_HIDDEN = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=60)


@one_for_all_examples
@given(variables=st.dictionaries(_NAME, st.text(), max_size=8), begun=st.booleans())
def test_no_variables_bring_about_anything_but_settings_or_faults(variables: dict[str, str], *, begun: bool) -> None:
    given_variables = {**complete(), **variables} if begun else variables
    with suppress(SettingsError):
        assert load(given_variables).secret_keys


@one_for_all_examples
@given(
    document=st.dictionaries(st.sampled_from(_PATHS + [path.partition(".")[0] for path in _PATHS]), _VALUE, max_size=8)
)
def test_no_toml_file_brings_about_anything_but_settings_or_faults(file: Write, document: dict[str, object]) -> None:
    config = file("\n".join(f"{path} = {_toml(value)}" for path, value in document.items()))
    with suppress(SettingsError):
        assert load(complete(CONFIG=config)).secret_keys


def _toml(value: object) -> str:
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


@one_for_all_examples
@given(
    name=st.sampled_from([setting.name for setting in describe() if setting.is_secret]),
    secret=_HIDDEN,
    form=st.sampled_from(["{}", "rediss://{}", "rediss://u:{}", "redis://:{}@h", "{{{}", "{},{}", "\n{}"]),
    as_file=st.booleans(),
)
def test_no_fault_tells_a_secret(name: str, secret: str, form: str, *, as_file: bool) -> None:
    value = form.format(*[secret] * form.count("{}"))
    variables = {**complete(SERVER__PORT="x"), name: value}
    if as_file:
        variables[f"{name}_FILE"] = variables.pop(name)
    assert secret not in "\n".join(faults(variables))
