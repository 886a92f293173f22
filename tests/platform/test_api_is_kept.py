"""ADR-0002 promises the factory's signature; so is every public name of the last release kept."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

SIGNATURE = (
    "def register_rpc_queue_factory("
    "factory: QueueFactory, *, replace: bool = False) -> Registration:"
)


@pytest.fixture(scope="module")
def api(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "platform_api", root / "packages/sage-platform/api/api.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_source_keeps_every_public_name_of_the_last_release(api: ModuleType) -> None:
    old = api.read_release(api.last_release())
    assert old["platform.queue.register_rpc_queue_factory"].name == "register_rpc_queue_factory"
    assert api.breaking_changes(old, api.read_source()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (SIGNATURE.replace("*, replace: bool = False", "name: str"), "replace"),
        (SIGNATURE.replace("factory: QueueFactory", "maker: QueueFactory"), "factory"),
        (SIGNATURE.replace("register_rpc_queue_factory", "set_rpc_queue_factory"), "removed"),
    ],
)
def test_a_changed_signature_of_the_factory_is_seen(
    api: ModuleType, tmp_path: Path, changed: str, said: str
) -> None:
    shutil.copytree(api.SOURCE, tmp_path / "src")
    registry = tmp_path / "src/sage/platform/queue/registry.py"
    source = registry.read_text()
    assert source.count(SIGNATURE) == 1
    registry.write_text(source.replace(SIGNATURE, changed))
    changes = api.breaking_changes(
        api.read_release(api.last_release()), api.read_source(tmp_path / "src")
    )
    assert any("rpc_queue_factory" in change and said in change for change in changes)
