import pytest
from pydantic import ValidationError

from gateway.settings import Settings, load
from tests.settings.environments import complete


def test_settings_cannot_be_changed_once_read() -> None:
    settings = load(complete())
    with pytest.raises(ValidationError, match="frozen"):
        settings.server.port = 1  # type: ignore[misc]  # frozen, which is what is tried


def test_settings_show_no_secret() -> None:
    variables = complete()
    settings = load(variables)
    hidden = [value for name, value in variables.items() if name.endswith(("SECRET", "KEYS", "REDIS__URL"))]
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert not [value for value in hidden if value in shown]


def test_a_wrong_section_shows_no_value_of_its_own() -> None:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate({"secret_keys": ["hunter2"], "redis": {"url": "hunter2"}, "keycloak": {}})
    assert "hunter2" not in str(error.value)


def test_the_first_key_stays_the_first() -> None:
    keys = [complete()["GATEWAY_SECRET_KEYS"] for _ in range(3)]
    settings = load(complete(SECRET_KEYS=",".join(keys)))
    assert [key.get_secret_value() for key in settings.secret_keys] == keys
