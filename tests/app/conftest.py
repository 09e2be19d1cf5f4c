from collections.abc import Mapping

import pytest

from tests.surfaces.conftest import Apart


@pytest.fixture(scope="session")
def apart(gateway_variables: Mapping[str, str]) -> Apart:
    """Variables for gateways of a test's own."""
    return Apart(gateway_variables)
