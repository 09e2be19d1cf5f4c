from gateway.settings import describe
from gateway.settings.names import CONFIG, dotted, path_of, variable


def test_a_setting_has_one_name_as_variable_and_one_in_the_file() -> None:
    assert variable(["server", "max_body"]) == "GATEWAY_SERVER__MAX_BODY"
    assert dotted(["server", "max_body"]) == "server.max_body"


def test_every_variable_leads_back_to_its_setting() -> None:
    names = [setting.name for setting in describe() if setting.name != CONFIG]
    assert [variable(path_of(name)) for name in names] == names
