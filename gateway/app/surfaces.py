"""Puts the surfaces to be served on the public port, each as its settings want it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial

from gateway.identity.use_cases import Identity
from gateway.mail.pages import Pages
from gateway.settings import Settings, SurfaceSettings
from gateway.surfaces.backchannel_logout.operations import surface as backchannel_logout
from gateway.surfaces.cyclos.operations import NETWORK_PREFIX
from gateway.surfaces.cyclos.operations import surface as cyclos
from gateway.surfaces.kestra.operations import surface as kestra
from gateway.surfaces.nap.operations import API_KEY_HEADER
from gateway.surfaces.nap.operations import surface as nap
from gateway.surfaces.pipeshub.browsers import SAML_CALLBACK
from gateway.surfaces.pipeshub.operations import PAGES_MAY_READ, PAGES_MAY_SEND
from gateway.surfaces.pipeshub.operations import surface as pipeshub
from gateway.surfaces.pipeshub.wire_errors import envelope
from gateway.surfaces.toan.operations import surface as toan
from gateway.web import openapi
from gateway.web.api_keys import ApiKeys
from gateway.web.body import BodyLimits
from gateway.web.cookies import Site
from gateway.web.fallback import FALLBACK
from gateway.web.hosts import AllowedHosts
from gateway.web.management import Documents
from gateway.web.middleware.cors import CrossOrigin
from gateway.web.operation import Services
from gateway.web.routing import MountedSurface, Router
from gateway.web.surface import Surface, verbatim

SURFACES = (toan, pipeshub, nap, cyclos, kestra, backchannel_logout)


def router(settings: Settings, identity: Identity) -> Router:
    """Mount every surface that is switched on."""
    services = Services(
        identity=identity,
        authenticate=identity.bearers.live,
        body_limits=BodyLimits(settings.server.max_body, settings.server.body_timeout),
        deadline=settings.server.deadline,
    )
    hosts = AllowedHosts(settings.server.public_url, settings.server.allowed_hosts)
    front_end, https = Pages(settings.links, settings.server.public_url).front_end, settings.server.is_https
    special = {pipeshub: _pipeshub, nap: _nap, cyclos: _cyclos}
    mounted = []
    for surface, prefix in _enabled(settings).items():
        own = replace(services, site=Site(front_end, prefix, https=https))
        mounted.append(special.get(surface, partial(_plain, surface))(own, hosts, prefix, settings))
    return Router(mounted, MountedSurface(FALLBACK, services, hosts))


def documents(settings: Settings) -> Documents:
    """Describe every surface that is switched on, once it is asked for: few processes ever are."""
    enabled = _enabled(settings).items()
    return {surface.name: cache(partial(openapi.document, surface, prefix)) for surface, prefix in enabled}


def saml_callback(settings: Settings) -> str:
    """Say where providers send browsers back to that sign in by SAML."""
    return f"{settings.server.public_url.rstrip('/')}{settings.pipeshub.prefix}{SAML_CALLBACK}"


def _plain(
    surface: Surface, services: Services, hosts: AllowedHosts, prefix: str, settings: Settings
) -> MountedSurface:
    del settings
    return MountedSurface(surface, services, hosts, prefix)


def _pipeshub(services: Services, hosts: AllowedHosts, prefix: str, settings: Settings) -> MountedSurface:
    """Have it say no in the shape that is set, read larger bodies, and be called by web pages."""
    own = settings.pipeshub
    limits = BodyLimits(own.max_body, settings.server.body_timeout)
    return MountedSurface(
        replace(pipeshub, envelope=envelope(own.error_envelope)),
        replace(services, body_limits=limits),
        hosts,
        prefix,
        cross_origin=CrossOrigin(own.cors_origins, PAGES_MAY_SEND, PAGES_MAY_READ),
    )


def _nap(services: Services, hosts: AllowedHosts, prefix: str, settings: Settings) -> MountedSurface:
    """Have it demand one of its keys, if there are any, and tell as much of a refusal as is set."""
    own = settings.nap
    surface = replace(nap, envelope=verbatim) if own.debug else nap
    keys = ApiKeys(API_KEY_HEADER, own.api_keys) if own.api_keys else None
    return MountedSurface(surface, services, hosts, prefix, api_keys=keys)


def _cyclos(services: Services, hosts: AllowedHosts, prefix: str, settings: Settings) -> MountedSurface:
    """Serve it below the names of networks as well, if there are to be any."""
    networks = (prefix + NETWORK_PREFIX,) if settings.cyclos.networks else ()
    return MountedSurface(cyclos, services, hosts, prefix, further_prefixes=networks)


def _enabled(settings: Settings) -> Mapping[Surface, str]:
    """Return the surfaces to serve, each with its prefix."""
    sections: dict[Surface, SurfaceSettings] = {each: getattr(settings, each.name) for each in SURFACES}
    return {surface: section.prefix for surface, section in sections.items() if section.enabled}
