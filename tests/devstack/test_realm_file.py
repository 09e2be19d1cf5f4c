import json
from pathlib import Path
from typing import Any

import pytest

from devstack import realm_file
from devstack.environment import REALM_FILE
from devstack.faults import StackFault
from gateway.settings import load

_PLACES = {"GATEWAY_SERVER__PUBLIC_URL": "http://127.0.0.1:1", "DEMO_SMTP_HOST": "mail", "DEMO_SMTP_PORT": "25"}


def _filled() -> dict[str, Any]:
    return realm_file.filled(REALM_FILE, realm_file.new_secrets(REALM_FILE) | _PLACES)


def test_file_holds_no_secret_and_no_default_for_one() -> None:
    clients = json.loads(REALM_FILE.read_text(encoding="utf-8"))["clients"]
    assert [client["secret"] for client in clients] == [f"${{{name}}}" for name in realm_file.secret_names(REALM_FILE)]


def test_secrets_that_fill_the_file_start_the_gateway() -> None:
    known = realm_file.new_secrets(REALM_FILE)
    needed = {
        "GATEWAY_SECRET_KEYS": "Zm9yIHRoaXMgdGVzdCBvbmx5LCAzMiBieXRlcyBhbmQgbW9yZQ",
        "GATEWAY_KEYCLOAK__URL": "http://127.0.0.1:1",
        "GATEWAY_KEYCLOAK__REALM": "demo",
        "GATEWAY_REDIS__URL": "redis://127.0.0.1:1/0",
    }
    secret = load(known | needed).keycloak.client_secret
    assert secret
    assert secret.get_secret_value() == known["GATEWAY_KEYCLOAK__CLIENT_SECRET"]


def test_placeholder_that_nobody_fills_is_named() -> None:
    with pytest.raises(StackFault, match="DEMO_SMTP_HOST"):
        realm_file.filled(REALM_FILE, realm_file.new_secrets(REALM_FILE) | {"GATEWAY_SERVER__PUBLIC_URL": "x"})


def test_value_with_quotes_stays_one_value(tmp_path: Path) -> None:
    file = tmp_path / "realm.json"
    file.write_text('{"realm": "${NAME}"}', encoding="utf-8")
    assert realm_file.filled(file, {"NAME": 'a"b\\c'}) == {"realm": 'a"b\\c'}


def test_copy_has_ids_of_its_own_that_still_fit_together() -> None:
    original, copy = _filled(), realm_file.renamed(_filled(), "copy")
    flows = [{flow["id"] for flow in realm["authenticationFlows"]} for realm in (original, copy)]
    used = {client["authenticationFlowBindingOverrides"]["direct_grant"] for client in copy["clients"][1:4]}
    assert not flows[0] & flows[1]
    assert used == flows[1]
    assert "default-roles-demo" not in json.dumps(copy)


def test_copy_without_people_keeps_the_service_account() -> None:
    kept = realm_file.without_people(_filled())
    assert [user["username"] for user in kept["users"]] == ["service-account-gateway-admin"]
    assert kept["organizations"] == []
