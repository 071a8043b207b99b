"""An API server of Kubernetes in memory, made of kmock, and what of a controller's work the tests need."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Mapping
from typing import Any

import kmock

from selftest.kubernetes.front import Front, Kind

PODS, SERVICES = kmock.resource("v1/pods"), kmock.resource("v1/services")
NAMESPACES = "topicmark.selftest/v1/spaces"
"""Where namespaces are kept: kmock takes the word for a part of the path of what is in them."""
RESOURCES = {
    "v1/pods": ("Pod", True),
    "v1/services": ("Service", True),
    NAMESPACES: ("Namespace", False),
    "v1/configmaps": ("ConfigMap", True),
    "v1/resourcequotas": ("ResourceQuota", True),
    "v1/limitranges": ("LimitRange", True),
    "v1/persistentvolumeclaims": ("PersistentVolumeClaim", True),
    "v1/secrets": ("Secret", True),
    "apps/v1/deployments": ("Deployment", True),
    "apps/v1/statefulsets": ("StatefulSet", True),
    "networking.k8s.io/v1/networkpolicies": ("NetworkPolicy", True),
}
"""What the server knows: kind, and whether it is namespaced."""


def _kind(resource: str, name: str, namespaced: bool) -> Kind:
    version, _, plural = resource.rpartition("/")
    kept = f"/apis/{resource}" if "/" in version else f"/api/{resource}"
    if resource == NAMESPACES:
        return Kind("", "namespaces", name, namespaced, kept)
    return Kind(version.removesuffix("v1").removesuffix("/"), plural, name, namespaced, kept)


_KINDS = [_kind(resource, *told) for resource, told in RESOURCES.items()]


class FakeApi:
    """Serves on loopback from a thread of its own. Use as a context.

    ``put`` and ``remove`` change objects behind the server's back, as controllers and the kubelet do.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-api", daemon=True)
        self._up = threading.Event()
        self._end: asyncio.Event | None = None
        self.emulator: Any = None
        self.url = ""
        self.forbidden: list[str] = []
        """What the user may not, as ``create pods/portforward``."""

    def __enter__(self) -> FakeApi:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._end is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        async with kmock.KubernetesEmulator() as emulator, kmock.Server(emulator) as server:
            for name, (kind, namespaced) in RESOURCES.items():
                emulator.resources[name] = {"kind": kind, "namespaced": namespaced}
            front = Front(str(server.url).rstrip("/"), _KINDS, self.forbidden, self._empty)
            runner, self.url = await front.start()
            self.emulator = emulator
            self._up.set()
            await self._end.wait()
            await front.stop(runner)

    def _empty(self, namespace: str) -> None:
        """A namespace that is deleted takes along what is in it."""
        for (resource, space, name), one in list(self.emulator.objects.items()):
            if space == namespace and not one.deleted:
                self.emulator.objects[resource, space, name].delete()

    def put(self, resource: str, namespace: str | None, item: Mapping[str, Any]) -> None:
        """Create or replace an object. One that is made anew gets an id of its own, as a server does it."""
        name = item["metadata"]["name"]
        known = (self.get(resource, namespace, name) or {}).get("metadata", {})
        meta = {**item["metadata"], "uid": known.get("uid") or str(uuid.uuid4())}
        where = {"namespace": namespace} if namespace else {}
        self.emulator.objects[kmock.resource(resource), namespace, name] = {**item, "metadata": {**meta, **where}}

    def remove(self, resource: str, namespace: str | None, name: str) -> None:
        """Delete an object at once."""
        self.emulator.objects[kmock.resource(resource), namespace, name].delete()

    def get(self, resource: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        key = (kmock.resource(resource), namespace, name)
        found = next((one for known, one in self.emulator.objects.items() if known == key), None)
        return None if found is None or found.deleted else dict(found.raw)

    def names(self, resource: str, namespace: str | None) -> list[str]:
        """Of the objects that there are."""
        wanted = kmock.resource(resource)
        items = list(self.emulator.objects.items())
        return sorted(n for (r, ns, n), one in items if r == wanted and ns == namespace and not one.deleted)
