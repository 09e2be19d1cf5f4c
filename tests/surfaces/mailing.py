"""Settings of gateways that send mails."""

from tests.conftest import Stack


def mailing_through(stack: Stack) -> dict[str, str]:
    """Return what has a gateway mail through the stack's catcher, with links to a front end."""
    return {
        "MAIL__HOST": stack.smtp_host,
        "MAIL__PORT": str(stack.smtp_port),
        "MAIL__SECURITY": "none",
        "MAIL__FROM_ADDRESS": "noreply@example.test",
        "LINKS__FRONTEND_URL": "https://front.example",
    }
